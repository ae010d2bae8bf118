SELECT DISTINCT n_distinct, histogram_bounds FROM pg_stats;
SELECT n_distinct FROM pg_stats ORDER BY histogram_bounds;
SELECT count(*) OVER (PARTITION BY histogram_bounds) FROM pg_stats;
SELECT count(*) OVER (ORDER BY n_distinct, range_length_histogram) FROM pg_stats;
SELECT count(DISTINCT most_common_vals) FROM pg_stats;
SELECT 1 FROM pg_stats GROUP BY most_common_vals;
SELECT count(*) FROM pg_stats GROUP BY most_common_freqs;
SELECT 1 FROM pg_statistic s GROUP BY s;
SELECT 1 FROM pg_stats s GROUP BY array[s];
