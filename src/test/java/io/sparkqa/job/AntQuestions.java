package io.sparkqa.job;

/** A SQuAD file of similar questions about one short context, for tests that need windows of any content. */
final class AntQuestions {
    private AntQuestions() {}

    /** Returns the file's text with this many questions. */
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
