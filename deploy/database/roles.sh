#!/bin/sh
# Run once by PostgreSQL's image, on an empty data folder: the portal's role is no superuser and passes no policy by,
# and a role that is for pg_dump alone reads everything (docs/configuration.md).
set -eu
psql -v ON_ERROR_STOP=1 -v portal="$PORTAL_PASSWORD" -v backup="$BACKUP_PASSWORD" -U "$POSTGRES_USER" <<'SQL'
CREATE ROLE portal LOGIN PASSWORD :'portal' NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB;
CREATE DATABASE portal OWNER portal;
CREATE ROLE portal_backup LOGIN PASSWORD :'backup' NOSUPERUSER BYPASSRLS;
GRANT pg_read_all_data TO portal_backup;
SQL
