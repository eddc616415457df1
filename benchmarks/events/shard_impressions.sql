COPY (
    SELECT * EXCLUDE (shard) FROM kept WHERE shard = {shard} ORDER BY "at", listener, impression
) TO '{file}' (FORMAT parquet, COMPRESSION zstd);
