CREATE OR REPLACE TEMP TABLE raw AS
SELECT file_row_number + 1 AS line, listener, track, "at"::TIMESTAMP_MS AS "at", ms_played,
       coalesce(track_ms, -1) AS track_ms, coalesce(nullif(device, ''), 'unknown') AS device,
       coalesce(nullif(context, ''), 'unknown') AS context
FROM read_parquet('{raw}', file_row_number = true);

CREATE OR REPLACE TEMP TABLE listeners AS
SELECT listener, pseudonym(listener) AS token,
       regexp_full_match(listener, '[^\s\x00-\x1f\x7f]{1,128}') AS fit
FROM (SELECT DISTINCT listener FROM raw WHERE listener IS NOT NULL);

CREATE OR REPLACE TEMP TABLE words AS
SELECT word, regexp_full_match(word, '[^\x00-\x1f\x7f]{1,128}') AS fit
FROM (SELECT DISTINCT device AS word FROM raw UNION SELECT DISTINCT context FROM raw);

CREATE OR REPLACE TEMP TABLE names AS
SELECT track, regexp_full_match(track, '[^\s\x00-\x1f\x7f]{1,128}') AS fit
FROM (SELECT DISTINCT track FROM raw WHERE track IS NOT NULL);

CREATE OR REPLACE TEMP TABLE judged AS
SELECT raw.*, listeners.token,
       concat_ws('; ',
           CASE WHEN coalesce(listener, '') = '' THEN 'listener must not be empty'
                WHEN NOT listeners.fit THEN 'listener must be an id' END,
           CASE WHEN coalesce(raw.track, '') = '' THEN 'track must not be empty'
                WHEN NOT names.fit THEN 'track must be an id' END,
           CASE WHEN "at" IS NULL THEN 'at must not be empty'
                WHEN "at"::DATE <> DATE '{day}' THEN 'at must lie on {day}' END,
           CASE WHEN ms_played IS NULL THEN 'ms_played must not be empty'
                WHEN ms_played < 0 THEN 'ms_played must be at least 0'
                WHEN ms_played > 86400000 THEN 'ms_played must be at most 86,400,000' END,
           CASE WHEN track_ms < -1 THEN 'track_ms must be at least -1'
                WHEN track_ms > 86400000 THEN 'track_ms must be at most 86,400,000' END,
           CASE WHEN NOT devices.fit THEN 'device must be a word' END,
           CASE WHEN NOT contexts.fit THEN 'context must be a word' END) AS reason
FROM raw
LEFT JOIN listeners USING (listener)
LEFT JOIN names USING (track)
LEFT JOIN words devices ON devices.word = device
LEFT JOIN words contexts ON contexts.word = context;

CREATE OR REPLACE TEMP TABLE quarantine AS
SELECT line, reason, token, track, "at"::VARCHAR AS "at", ms_played::VARCHAR AS ms_played,
       track_ms::VARCHAR AS track_ms, device, context
FROM judged WHERE reason <> '' ORDER BY line;

CREATE OR REPLACE TEMP TABLE kept AS
SELECT DISTINCT token AS listener, track, "at", ms_played, track_ms, device, context,
       ('0x' || left(token, 8))::BIGINT * {shards} >> 32 AS shard
FROM judged WHERE reason = '';
