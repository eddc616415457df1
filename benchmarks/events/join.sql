COPY (
WITH shown AS (
    SELECT impression, listener, "at", epoch_ms("at") AS moment FROM '{impressions}'
), ended AS (
    SELECT listener, epoch_ms("at") + ms_played AS moment, (ms_played < 30000)::INT AS skip
    FROM '{listens}' WHERE listener IN (SELECT listener FROM shown)
), so_far AS (
    SELECT listener, moment, count(*) OVER before AS plays, sum(skip) OVER before AS skips
    FROM ended
    WINDOW before AS (PARTITION BY listener ORDER BY moment)
), today AS (
    SELECT shown.*, plays, skips, so_far.moment AS last
    FROM shown ASOF LEFT JOIN so_far
    ON shown.listener = so_far.listener AND shown.moment > so_far.moment
), past AS (
    SELECT listener, sum(plays) AS plays, count(*) AS active,
           min(date_diff('day', day::DATE, DATE '{day}') - 1) AS last_age,
           sum(ms) AS ms, sum(skips) AS skips, sum(timed) AS timed,
           sum(listen_throughs) AS listen_throughs, sum(finishable) AS finishable,
           sum(hour_00 + hour_01 + hour_02 + hour_03 + hour_04 + hour_05) AS night,
           sum(hour_18 + hour_19 + hour_20 + hour_21) AS evening,
           sum(timed) FILTER (isodow(day) >= 6) AS weekend, sum(toned) AS toned,
           sum(energy_micro) AS energy, sum(valence_micro) AS valence, {zeros} AS zeros
    FROM read_parquet({history}) WHERE listener IN (SELECT listener FROM shown)
    GROUP BY listener
)
SELECT impression, today.listener, "at",
       past.plays::DOUBLE AS plays_28d, past.active::DOUBLE AS active_days_28d,
       last_age::DOUBLE AS days_since_last_play, ms / (60000 * active) AS minutes_per_active_day_28d,
       past.skips / timed AS skip_rate_28d,
       listen_throughs / nullif(finishable, 0) AS listen_through_rate_28d,
       CASE WHEN timed > 0 THEN greatest(1 - 1024 * ln(1024 / greatest(zeros, 1)) / timed, 0) END
           AS repeat_share_28d,
       night / timed AS night_share_28d, evening / timed AS evening_share_28d,
       coalesce(weekend, 0) / timed AS weekend_share_28d,
       energy / (1000000 * nullif(toned, 0)) AS energy_mean_28d,
       valence / (1000000 * nullif(toned, 0)) AS valence_mean_28d,
       coalesce(today.plays, 0) AS plays_today, coalesce(today.skips, 0)::BIGINT AS skips_today,
       (moment - last) / 60000 AS minutes_since_last_play
FROM today LEFT JOIN past USING (listener)
ORDER BY "at", today.listener, impression
) TO '{file}' (FORMAT parquet, COMPRESSION zstd);
