-- How many windows the questions need: a large share above one says that features.max_length is short for the contexts.
SELECT split, windows, count(*) AS questions, round(100 * count(*) / sum(count(*)) OVER (PARTITION BY split), 2) AS percent
FROM (SELECT split, example_index, count(*) AS windows FROM windows GROUP BY split, example_index)
GROUP BY split, windows
ORDER BY split, windows
