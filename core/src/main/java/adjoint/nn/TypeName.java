package adjoint.nn;

/// What a layer calls itself in one word or two: its own text, or its class where the text is only Java's default.
final class TypeName {
    private TypeName() {}

    static String of(Layer layer) {
        Class<?> c = layer.getClass();
        String text = layer.toString();
        boolean isDefault = text.startsWith(c.getSimpleName() + "[") || text.startsWith(c.getName() + "@");
        return c.isHidden() ? "lambda" : isDefault ? c.getSimpleName() : text;
    }
}
