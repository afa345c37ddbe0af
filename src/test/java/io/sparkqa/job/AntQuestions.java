package io.sparkqa.job;

/** A SQuAD file of like questions about one short context, for tests that need windows and not their contents. */
final class AntQuestions {
    private AntQuestions() {}

    /** Returns the file's text with so many questions. */
    static String json(int count) {
        StringBuilder questions = new StringBuilder();
        for (int i = 0; i < count; i++) {
            questions
                    .append(i == 0 ? "" : ",")
                    .append(
                            "{\"id\": \"%d\", \"question\": \"Who runs %d times?\", \"answers\": [{\"text\": \"ant\", \"answer_start\": 4}]}"
                                    .formatted(i, i));
        }
        return "{\"version\": \"v2.0\", \"data\": [{\"title\": \"t\", \"paragraphs\": [{\"context\": \"The ant runs.\", \"qas\": [%s]}]}]}"
                .formatted(questions);
    }
}
