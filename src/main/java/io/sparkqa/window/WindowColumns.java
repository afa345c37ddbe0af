package io.sparkqa.window;

/** The names of the columns of a table of windows, one for each component of {@link Window}. */
public final class WindowColumns {
    public static final String EXAMPLE_INDEX = "example_index";
    public static final String EXAMPLE_ID = "example_id";
    public static final String WINDOW = "window";
    public static final String INPUT_IDS = "input_ids";
    public static final String CONTEXT_FIRST = "context_first";
    public static final String CONTEXT_LAST = "context_last";
    public static final String START_POSITION = "start_position";
    public static final String END_POSITION = "end_position";
    public static final String OFFSET_STARTS = "offset_starts";
    public static final String OFFSET_ENDS = "offset_ends";

    private WindowColumns() {}
}
