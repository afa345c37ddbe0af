-- What the model does with answerable and unanswerable questions: answers it, or leaves it; and how good that is.
SELECT split,
       if(has_answer, 'answerable', 'unanswerable') AS question,
       if(answered, 'answered', 'left') AS model,
       count(*) AS questions,
       round(100 * avg(f1), 2) AS f1
FROM scores
GROUP BY split, has_answer, answered
ORDER BY split, has_answer DESC, answered DESC
