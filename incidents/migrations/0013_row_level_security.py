from django.db import migrations

from vpdportal.row_level_security import OwnRows

TABLES = (
    OwnRows("incidents_alarm"),
    OwnRows("incidents_breach"),
    OwnRows("incidents_caremoment"),
    OwnRows("incidents_caselink"),
    OwnRows("incidents_caseopening"),
    OwnRows("incidents_casewords"),
    OwnRows("incidents_correction"),
    OwnRows("incidents_damageline"),
    OwnRows("incidents_datapiece"),
    OwnRows("incidents_datarequest"),
    OwnRows("incidents_destroyedpart"),
    OwnRows("incidents_destruction"),
    OwnRows("incidents_draft"),
    OwnRows("incidents_evidence"),
    OwnRows("incidents_exclusion"),
    OwnRows("incidents_incident"),
    OwnRows("incidents_involvement"),
    OwnRows("incidents_letter"),
    OwnRows("incidents_lettertemplate"),
    OwnRows("incidents_letterversion"),
    OwnRows("incidents_location"),
    OwnRows("incidents_logreview"),
    OwnRows("incidents_measure"),
    OwnRows("incidents_message"),
    OwnRows("incidents_news"),
    OwnRows("incidents_note"),
    OwnRows("incidents_notice"),
    OwnRows("incidents_overviewplan"),
    OwnRows("incidents_person"),
    OwnRows("incidents_personkey"),
    OwnRows("incidents_personopening"),
    OwnRows("incidents_policesheet"),
    OwnRows("incidents_privacyanswer"),
    OwnRows("incidents_reaction"),
    OwnRows("incidents_release"),
    OwnRows("incidents_reminderplan"),
    OwnRows("incidents_restrictioncheck"),
    OwnRows("incidents_retentionstay"),
    OwnRows("incidents_retentionterm"),
    OwnRows("incidents_statement"),
    OwnRows("incidents_task"),
    OwnRows("incidents_timelineentry"),
    OwnRows("incidents_witness"),
)


class Migration(migrations.Migration):
    dependencies = [("incidents", "0012_data_subjects")]

    operations = [migrations.RunPython(table.lock, table.unlock) for table in TABLES]
