-- Where the model is sure and wrong: the thirty wrong answers with the highest probability.
SELECT split,
       round(array_max(filter(n_best, c -> c.text = prediction).probability), 3) AS probability,
       question, prediction, answers[0].text AS gold, id
FROM answers JOIN examples USING (split, id) JOIN scores USING (split, id)
WHERE f1 = 0 AND prediction != ''
ORDER BY probability DESC, id
LIMIT 30
