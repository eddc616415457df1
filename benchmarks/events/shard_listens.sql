COPY (
    SELECT listener, track, "at", ms_played, track_ms, device, context
    FROM kept WHERE shard = {shard}
    ORDER BY listener, "at", track, ms_played, track_ms, device, context
) TO '{file}' (FORMAT parquet, COMPRESSION zstd);
