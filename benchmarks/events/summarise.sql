CREATE OR REPLACE TEMP TABLE plays AS
WITH known AS (
    -- Numbers sort and group several times faster than text: a pseudonym is sixteen hex digits,
    -- and the catalogue, which has every track of this log, is numbered in order.
    SELECT ('0x' || listener)::UBIGINT AS listener, number, device, context,
           CASE WHEN plays.track_ms <= 0 THEN catalogue.track_ms ELSE plays.track_ms END AS length,
           epoch_ms("at") AS start, ms_played,
           least(ms_played, epoch_ms(DATE '{day}'::TIMESTAMP) + 86400000 - epoch_ms("at")) AS ms
    FROM '{listens}' plays JOIN catalogue USING (track)
), marked AS (
    SELECT *, start + ms_played >= epoch_ms(DATE '{day}'::TIMESTAMP) + 86400000 AS cut,
           length > 0 AND 10 * ms >= 9 * length AS finished,
           ms < 30000 AND NOT cut AND NOT finished AS skipped,
           row_number() OVER (PARTITION BY listener, number ORDER BY start, ms_played) > 1
               AS repeated,
           row_number() OVER day AS place,
           coalesce(start - lag(start + ms_played) OVER day >= 1800000, true) AS starts,
           lead(start) OVER day AS next_start
    FROM known
    WINDOW day AS (PARTITION BY listener ORDER BY start, number, ms_played, device, context)
), timed AS (
    SELECT *, hour(make_timestamp_ms(start)) AS hour, isodow(DATE '{day}') AS weekday FROM marked
)
SELECT listener, number, device, context, artist, genre, hour, ms, finished, skipped,
       starts, place, repeated, length > 0 AND (NOT cut OR finished) AS finishable,
       CASE WHEN noise THEN 'noise' WHEN children THEN 'children'
            WHEN calm AND (hour >= 22 OR hour < 6) AND NOT skipped THEN 'sleep'
            WHEN lively AND device = 'speaker'
                 AND (hour >= 19 AND weekday IN (5, 6) OR hour < 4 AND weekday IN (6, 7))
            THEN 'party' ELSE '' END AS purpose,
       toned AND purpose = '' AS toned, lit, glad, energy, valence, danceability, acousticness,
       CASE WHEN next_start - (start + ms_played) < 1800000 THEN next_start - start ELSE ms END
           AS span
FROM timed JOIN catalogue USING (number);

COPY (
WITH sessions AS (
    SELECT listener, count(*) AS sessions, count(*) FILTER (size = 1) AS single_play_sessions,
           count(*) FILTER (size >= 20) AS long_sessions
    FROM (SELECT listener, lead(place, 1, plays + 1) OVER (PARTITION BY listener ORDER BY place)
                           - place AS size
          FROM plays JOIN (SELECT listener, count(*) AS plays FROM plays GROUP BY listener)
          USING (listener) WHERE starts)
    GROUP BY listener
), tracks AS (
    SELECT listener, {track_words}
    FROM plays LEFT JOIN track_bits USING (number) WHERE NOT repeated
    GROUP BY listener
), artists AS (
    SELECT listener, {artist_words}
    FROM (SELECT DISTINCT listener, artist FROM plays WHERE artist <> 'unknown')
    LEFT JOIN artist_bits USING (artist) GROUP BY listener
), counts AS (
    SELECT listener, count(*) AS plays, count(*) AS timed, count(*) FILTER (skipped) AS skips,
           count(*) FILTER (finishable) AS finishable,
           count(*) FILTER (finished) AS listen_throughs,
           count(*) FILTER (repeated) AS repeats,
           count(*) FILTER (NOT repeated) AS distinct_tracks, sum(ms)::BIGINT AS ms,
           sum(span)::BIGINT AS session_ms,
           count(*) FILTER (skipped AND hour < 6) AS skips_night,
           count(*) FILTER (skipped AND hour BETWEEN 6 AND 9) AS skips_morning,
           count(*) FILTER (skipped AND hour BETWEEN 10 AND 13) AS skips_midday,
           count(*) FILTER (skipped AND hour BETWEEN 14 AND 17) AS skips_afternoon,
           count(*) FILTER (skipped AND hour BETWEEN 18 AND 21) AS skips_evening,
           count(*) FILTER (skipped AND hour >= 22) AS skips_late_evening,
           count(*) AS described,
           count(*) FILTER (purpose = 'noise') AS functional_noise,
           count(*) FILTER (purpose = 'children') AS functional_children,
           count(*) FILTER (purpose = 'sleep') AS functional_sleep,
           count(*) FILTER (purpose = 'party') AS functional_party,
           count(*) FILTER (toned) AS toned,
           coalesce(sum(energy) FILTER (toned), 0)::BIGINT AS energy_micro,
           coalesce(sum(valence) FILTER (toned), 0)::BIGINT AS valence_micro,
           coalesce(sum(danceability) FILTER (toned), 0)::BIGINT AS danceability_micro,
           coalesce(sum(acousticness) FILTER (toned), 0)::BIGINT AS acousticness_micro,
           count(*) FILTER (toned AND lit AND glad) AS mood_energetic_happy,
           count(*) FILTER (toned AND lit AND NOT glad) AS mood_energetic_dark,
           count(*) FILTER (toned AND NOT lit AND glad) AS mood_calm_happy,
           count(*) FILTER (toned AND NOT lit AND NOT glad) AS mood_calm_sad,
           {hours}
    FROM plays GROUP BY listener
)
SELECT DATE '{day}'::TIMESTAMP_MS AS day, printf('%016x', counts.listener) AS listener,
       counts.* EXCLUDE (listener), sessions.* EXCLUDE (listener),
       tracks.* EXCLUDE (listener), artists.* EXCLUDE (listener)
FROM counts JOIN sessions USING (listener) JOIN tracks USING (listener)
LEFT JOIN artists USING (listener)
ORDER BY counts.listener
) TO '{out}/listening.parquet' (FORMAT parquet, COMPRESSION zstd);

COPY (
SELECT DATE '{day}'::TIMESTAMP_MS AS day, printf('%016x', plays.listener) AS listener, kind, value, count(*) AS plays,
       count(*) FILTER (skipped) AS skips, count(*) FILTER (finished) AS listen_throughs,
       count(*) FILTER (repeated) AS repeats, count(*) FILTER (purpose = '') AS taste_plays
FROM (SELECT listener, skipped, finished, repeated, purpose, 'device' AS kind, device AS value
      FROM plays WHERE device <> 'unknown'
      UNION ALL
      SELECT listener, skipped, finished, repeated, purpose, 'context', context
      FROM plays WHERE context <> 'unknown'
      UNION ALL
      SELECT listener, skipped, finished, repeated, purpose, 'genre', genre
      FROM plays WHERE genre <> 'unknown'
      UNION ALL
      SELECT listener, skipped, finished, repeated, purpose, 'artist', artist
      FROM plays WHERE genre = 'unknown' AND artist <> 'unknown') plays
GROUP BY plays.listener, kind, value
ORDER BY plays.listener, kind, value
) TO '{out}/choices.parquet' (FORMAT parquet, COMPRESSION zstd);
