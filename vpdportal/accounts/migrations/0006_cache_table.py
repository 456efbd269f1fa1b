"""The table of vpdportal.shared_cache: it counts attempts to sign in, for all processes together."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_sign_in_and_access")]

    operations = [
        migrations.RunSQL(
            sql=[
                "CREATE TABLE vpdportal_shared_cache "
                "(cache_key varchar(255) NOT NULL PRIMARY KEY, value text NOT NULL, expires double precision NOT NULL)",
                "CREATE INDEX vpdportal_shared_cache_expires ON vpdportal_shared_cache (expires)",
            ],
            reverse_sql="DROP TABLE vpdportal_shared_cache",
        )
    ]
