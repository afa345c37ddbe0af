-- How the length of the answer matters: exact and F1 by the number of words in the first gold answer, 0 for none.
SELECT split,
       least(coalesce(size(split(trim(answers[0].text), r'\s+')), 0), 10) AS words_up_to_10,
       count(*) AS questions,
       round(100 * avg(exact), 2) AS exact,
       round(100 * avg(f1), 2) AS f1
FROM scores JOIN (SELECT split AS part, id, answers FROM examples) gold ON part = scores.split AND gold.id = scores.id
GROUP BY 1, 2
ORDER BY 1, 2
