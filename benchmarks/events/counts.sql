CREATE OR REPLACE TEMP TABLE counts AS
SELECT rows_in, rows_kept, rows_quarantined,
       rows_in - rows_kept - rows_quarantined AS exact_duplicates
FROM (SELECT (SELECT count(*) FROM raw) AS rows_in,
             (SELECT count(*) FROM kept) AS rows_kept,
             (SELECT count(*) FROM quarantine) AS rows_quarantined);
