-- Which question words the model answers well: questions, exact and F1 by the first one in the question.
SELECT split,
       coalesce(nullif(regexp_extract(lower(question), r'\b(whose|whom|who|what|when|where|which|why|how)\b', 1), ''),
                'other') AS question_word,
       count(*) AS questions,
       round(100 * avg(exact), 2) AS exact,
       round(100 * avg(f1), 2) AS f1
FROM scores JOIN examples USING (split, id)
GROUP BY ALL
ORDER BY split, questions DESC
