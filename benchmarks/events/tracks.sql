CREATE TABLE catalogue AS
WITH known AS (
    SELECT *, energy + valence + danceability + acousticness IS NOT NULL AS toned
    FROM (SELECT track, artist, genre, track_ms,
                 COLUMNS(['energy', 'valence', 'danceability', 'acousticness'])
          FROM '{file}')
)
SELECT row_number() OVER (ORDER BY track)::INT AS number, track, artist, genre, track_ms, toned,
       regexp_matches(lower(genre), 'noise|rain|nature sounds|asmr|fan sounds') AS noise,
       regexp_matches(lower(genre), 'children|kids|nursery|lullab') AS children,
       energy <= 0.3 AND acousticness >= 0.6 AS calm,
       energy >= 0.6 AND danceability >= 0.6 AS lively,
       energy >= 0.5 AS lit, valence >= 0.5 AS glad,
       round(1e6 * energy)::BIGINT AS energy, round(1e6 * valence)::BIGINT AS valence,
       round(1e6 * danceability)::BIGINT AS danceability,
       round(1e6 * acousticness)::BIGINT AS acousticness
FROM known;
