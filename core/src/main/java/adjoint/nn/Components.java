package adjoint.nn;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Parameter;

import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a layer is made of, found by reflection: its parameters, and the layers and records inside it, with their
/// names.
final class Components {
    private Components() {}

    /// A part of a layer: a parameter, a layer, or a record that may hold such.
    private record Part(String name, Object value) {}

    static SequencedMap<String, Parameter> parameters(Layer layer) {
        var found = new LinkedHashMap<String, Parameter>();
        collect("", layer, found, identitySet(), identitySet(), Map.of());
        return found;
    }

    private static void collect(
            String path,
            Object value,
            Map<String, Parameter> found,
            Set<Object> seen,
            Set<Object> layers,
            Map<String, Layer> patches) {
        if (!(value instanceof Parameter ? seen : layers).add(value)) {
            return;
        }
        if (value instanceof Parameter p) {
            name(path, p, found);
            return;
        }
        if (value instanceof Patched p) {
            var inside = new LinkedHashMap<String, Parameter>();
            collect(path, p.model(), inside, seen, identitySet(), p.below(path, patches));
            inside.forEach(
                    (name, parameter) -> name(name, p.isHeld(parameter) ? parameter.frozen() : parameter, found));
            return;
        }
        for (Part part : parts(value)) {
            String name = join(path, part.name);
            Object inPlace = part.value instanceof Layer l ? patches.getOrDefault(name, l) : part.value;
            collect(name, inPlace, found, seen, layers, patches);
        }
        if (!patches.isEmpty()) {
            layers.remove(value); // in another place, other layers may stand inside it
        }
    }

    private static void name(String path, Parameter p, Map<String, Parameter> found) {
        if (found.putIfAbsent(path, p) != null) {
            throw new AdjointException(
                    "two parameters have the name '" + path + "': rename a component or a map's key");
        }
    }

    /// All layers inside a layer, each under every path that leads to it.
    static SequencedMap<String, Layer> layers(Layer layer) {
        var found = new LinkedHashMap<String, Layer>();
        layers("", layer, found, identitySet(), Map.of());
        return found;
    }

    private static void layers(
            String path, Object owner, Map<String, Layer> found, Set<Object> above, Map<String, Layer> patches) {
        if (owner instanceof Parameter || !above.add(owner)) {
            return; // a layer that holds itself
        }
        if (owner instanceof Patched p) {
            layers(path, p.model(), found, above, p.below(path, patches));
        } else {
            for (Part part : parts(owner)) {
                String name = join(path, part.name);
                Object value = part.value instanceof Layer l ? patches.getOrDefault(name, l) : part.value;
                if (value instanceof Layer inner) {
                    found.put(name, inner);
                }
                layers(name, value, found, above, patches);
            }
        }
        above.remove(owner);
    }

    static String join(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /// The name of a layer inside another, or that of its class where it is none of its parts.
    static String nameOf(Layer parent, Layer child) {
        try {
            return find(parent, child, identitySet()).orElseGet(() -> child.getClass().getSimpleName());
        } catch (AdjointException _) { // parts that cannot be read must not hide the error that asks for the name
            return child.getClass().getSimpleName();
        }
    }

    private static Optional<String> find(Object owner, Layer child, Set<Object> seen) {
        List<Part> parts = owner instanceof Parameter || !seen.add(owner) ? List.of() : parts(owner);
        for (Part part : parts) {
            if (part.value == child) {
                return Optional.of(part.name);
            }
        }
        for (Part part : parts) {
            Optional<String> inside = find(part.value, child, seen);
            if (inside.isPresent()) {
                return inside.map(name -> part.name + "." + name);
            }
        }
        return Optional.empty();
    }

    private static List<Part> parts(Object owner) {
        var parts = new ArrayList<Part>();
        if (owner.getClass().isHidden()) {
            refuseCaptured(owner);
        } else if (owner instanceof Record) {
            for (RecordComponent c : owner.getClass().getRecordComponents()) {
                add(c.getName(), read(owner, field(owner, c)), parts);
            }
        } else {
            for (Class<?> c = owner.getClass(); c.getClassLoader() != null; c = c.getSuperclass()) {
                for (Field f : c.getDeclaredFields()) {
                    if (!Modifier.isStatic(f.getModifiers()) && !f.isSynthetic() && !f.getType().isPrimitive()) {
                        add(f.getName(), read(owner, f), parts);
                    }
                }
            }
        }
        return parts;
    }

    private static void add(String name, Object value, List<Part> parts) {
        switch (value) {
            case null -> {}
            case Parameter p -> parts.add(new Part(name, p));
            case Layer l -> parts.add(new Part(name, l));
            case Optional<?> o -> o.ifPresent(v -> add(name, v, parts));
            case Object[] a -> add(name, Arrays.asList(a), parts);
            case List<?> l -> {
                for (int i = 0; i < l.size(); i++) {
                    add(name + "." + i, l.get(i), parts);
                }
            }
            case Map<?, ?> m -> {
                Map<String, Object> named =
                        m instanceof SequencedMap || m instanceof SortedMap
                                ? new LinkedHashMap<>()
                                : new TreeMap<>(); // an unordered map's order may differ in every process
                m.forEach((k, v) -> named.put(String.valueOf(k), v));
                named.forEach((k, v) -> add(name + "." + k, v, parts));
            }
            case Collection<?> c -> {
                if (c.stream().anyMatch(v -> v instanceof Layer || v instanceof Parameter)) {
                    throw new AdjointException(
                            "the layers in '"
                                    + name
                                    + "' have no names, being in a "
                                    + c.getClass().getSimpleName()
                                    + ": use a List or a Map");
                }
            }
            case Record r when r.getClass().getClassLoader() != null -> parts.add(new Part(name, r));
            default -> {
                if (value.getClass().isHidden()) {
                    refuseCaptured(value);
                }
            }
        }
    }

    // A lambda's captured variables have no names that could stand in a checkpoint.
    private static void refuseCaptured(Object lambda) {
        for (Field f : lambda.getClass().getDeclaredFields()) {
            Object value = Modifier.isStatic(f.getModifiers()) || f.getType().isPrimitive() ? lambda : read(lambda, f);
            if (value instanceof Parameter || value instanceof Layer l && l != lambda && !parameters(l).isEmpty()) {
                throw new AdjointException(
                        "a lambda uses "
                                + value
                                + ", whose parameters have no name there: "
                                + "write a record that implements Layer and has it as a component");
            }
        }
    }

    private static Field field(Object owner, RecordComponent component) {
        try {
            return owner.getClass().getDeclaredField(component.getName());
        } catch (NoSuchFieldException e) {
            throw new AssertionError("a record has a field for each component", e);
        }
    }

    static Object read(Object owner, Field field) {
        Class<?> c = field.getDeclaringClass();
        try {
            field.setAccessible(true);
            return field.get(owner);
        } catch (InaccessibleObjectException | IllegalAccessException e) {
            throw new AdjointException(
                    "the layers and parameters inside "
                            + c.getName()
                            + " cannot be found: add `opens "
                            + c.getPackageName()
                            + " to adjoint.core;` to the module-info of "
                            + c.getModule().getName(),
                    e);
        }
    }

    private static Set<Object> identitySet() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }
}
