-- What the windows are labelled with: an answer, or nothing, because the question has none or the window cuts it off.
SELECT split,
       count(*) AS windows,
       count_if(end_position > 0) AS with_answer,
       count_if(end_position = 0 AND is_impossible) AS of_unanswerable,
       count_if(end_position = 0 AND NOT is_impossible) AS answer_elsewhere,
       round(avg(size(input_ids)), 1) AS mean_tokens,
       max(size(input_ids)) AS longest
FROM windows JOIN examples USING (split, example_index)
GROUP BY split
ORDER BY split
