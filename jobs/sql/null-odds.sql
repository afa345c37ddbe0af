-- How well the null odds tell unanswerable questions from answerable ones: both kinds, by odds in steps of two.
SELECT split,
       2 * floor(null_odds / 2) AS null_odds_from,
       count_if(has_answer) AS answerable,
       count_if(NOT has_answer) AS unanswerable
FROM scores
GROUP BY 1, 2
ORDER BY 1, 2
