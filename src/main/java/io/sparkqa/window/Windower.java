package io.sparkqa.window;

import io.sparkqa.squad.Example;
import io.sparkqa.squad.PythonText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Cuts examples into windows with the same ids as HuggingFace's {@code prepare_train_features}. Consecutive questions about
 * the same context encode it once. Not thread-safe.
 */
public final class Windower {
    private final PairTokenizer tokenizer;
    private final int maxLength;
    private final int stride;
    private String lastContext;
    private Tokens lastContextTokens;

    /**
     * Creates a windower.
     *
     * @param maxLength longest window in tokens, special tokens included
     * @param stride number of context tokens that neighbouring windows share
     */
    public Windower(PairTokenizer tokenizer, int maxLength, int stride) {
        this.tokenizer = tokenizer;
        this.maxLength = maxLength;
        this.stride = stride;
    }

    /** Returns one window if question and context fit into it, otherwise as many as the context needs. */
    public List<Window> windows(Example example) throws QuestionTooLong {
        int[] question =
                tokenizer.encode(withoutLeadingSpace(example.question())).ids();
        Tokens context = encodeContext(example.context());
        int room = maxLength - tokenizer.special().count() - question.length;
        if (context.size() <= room) {
            return List.of(window(example, 0, question, context, 0, context.size()));
        }
        if (room <= stride) {
            throw new QuestionTooLong(example, question.length, room, maxLength, stride);
        }
        List<Window> windows = new ArrayList<>();
        int from = 0;
        while (true) {
            int to = Math.min(from + room, context.size());
            windows.add(window(example, windows.size(), question, context, from, to));
            if (to == context.size()) {
                return windows;
            }
            from += room - stride;
        }
    }

    private Tokens encodeContext(String context) {
        if (!context.equals(lastContext)) {
            lastContextTokens = tokenizer.encode(context);
            lastContext = context;
        }
        return lastContextTokens;
    }

    private Window window(Example example, int number, int[] question, Tokens context, int from, int to) {
        SpecialTokens special = tokenizer.special();
        int[] ids = special.around(question, context.ids(), from, to);
        int contextFirst = special.before().length + question.length + special.between().length;
        SpanLabeler.Span label = label(example, context, from, to);
        return new Window(
                example.exampleIndex(),
                example.id(),
                number,
                ids,
                contextFirst,
                contextFirst + to - from - 1,
                label == null ? 0 : contextFirst + label.first() - from,
                label == null ? 0 : contextFirst + label.last() - from,
                Arrays.copyOfRange(context.starts(), from, to),
                Arrays.copyOfRange(context.ends(), from, to));
    }

    private static SpanLabeler.Span label(Example example, Tokens context, int from, int to) {
        if (example.answers().isEmpty()) {
            return null;
        }
        Example.Answer answer = example.answers().get(0);
        return SpanLabeler.label(context, from, to, answer.answerStart(), answer.answerEnd());
    }

    /** Removes leading white space like Python's {@code str.lstrip()}. */
    private static String withoutLeadingSpace(String text) {
        int from = 0;
        while (from < text.length() && PythonText.isWhiteSpace(text.charAt(from))) {
            from++;
        }
        return text.substring(from);
    }
}
