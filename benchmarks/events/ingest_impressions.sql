CREATE OR REPLACE TEMP TABLE raw AS
SELECT file_row_number + 1 AS line, impression, listener, ad,
       coalesce(nullif(campaign, ''), 'unknown') AS campaign,
       coalesce(nullif(advertiser, ''), 'unknown') AS advertiser,
       coalesce(nullif(format, ''), 'unknown') AS format,
       coalesce(nullif(slot, ''), 'unknown') AS slot,
       coalesce(break_position, -1) AS break_position, "at"::TIMESTAMP_MS AS "at",
       coalesce(nullif(device, ''), 'unknown') AS device,
       coalesce(nullif(mood, ''), 'unknown') AS mood
FROM read_parquet('{raw}', file_row_number = true);

CREATE OR REPLACE TEMP TABLE listeners AS
SELECT listener, pseudonym(listener) AS token
FROM (SELECT DISTINCT listener FROM raw WHERE listener IS NOT NULL);

CREATE OR REPLACE TEMP TABLE values_seen AS
SELECT value, regexp_full_match(value, '[^\s\x00-\x1f\x7f]{1,128}') AS id,
       regexp_full_match(value, '[^\x00-\x1f\x7f]{1,128}') AS word
FROM (SELECT DISTINCT unnest([impression, listener, ad, campaign, advertiser, format, slot, device,
                              mood]) AS value FROM raw);

CREATE OR REPLACE TEMP TABLE first_rows AS
SELECT * EXCLUDE (line), min(line) AS line FROM raw GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE judged AS
SELECT first_rows.*, token,
       impression IS NULL OR listener IS NULL OR ad IS NULL OR "at" IS NULL
       OR "at"::DATE <> DATE '{day}' OR break_position < -1
       OR impression IN (SELECT value FROM values_seen WHERE NOT id)
       OR listener IN (SELECT value FROM values_seen WHERE NOT id)
       OR ad IN (SELECT value FROM values_seen WHERE NOT id)
       OR campaign IN (SELECT value FROM values_seen WHERE NOT id)
       OR advertiser IN (SELECT value FROM values_seen WHERE NOT id)
       OR format IN (SELECT value FROM values_seen WHERE NOT word)
       OR slot IN (SELECT value FROM values_seen WHERE NOT word)
       OR device IN (SELECT value FROM values_seen WHERE NOT word)
       OR mood IN (SELECT value FROM values_seen WHERE NOT word)
       OR count(*) OVER (PARTITION BY impression) > 1 AS wrong
FROM first_rows LEFT JOIN listeners USING (listener);

CREATE OR REPLACE TEMP TABLE quarantine AS
SELECT * EXCLUDE (listener) FROM judged WHERE wrong ORDER BY line;

CREATE OR REPLACE TEMP TABLE kept AS
SELECT impression, token AS listener, ad, campaign, advertiser, format, slot, break_position, "at",
       device, mood, ('0x' || left(token, 8))::BIGINT * {shards} >> 32 AS shard
FROM judged WHERE NOT wrong;
