-- What the model says: every question with the answer given, the gold answer and the score, worst first.
SELECT split, id, question, prediction, answers[0].text AS gold, round(100 * f1, 1) AS f1, round(null_odds, 2) AS null_odds
FROM examples JOIN (SELECT split, id, prediction FROM answers) USING (split, id) JOIN scores USING (split, id)
ORDER BY scores.f1, split, examples.example_index
