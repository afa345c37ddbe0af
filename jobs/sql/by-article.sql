-- Which articles (titles) are hard: the twenty with the lowest F1 among those with at least five questions.
SELECT split, title, count(*) AS questions, round(100 * avg(exact), 2) AS exact, round(100 * avg(f1), 2) AS f1
FROM scores JOIN examples USING (split, id)
GROUP BY split, title
HAVING count(*) >= 5
ORDER BY f1, title
LIMIT 20
