package adjoint.text;

import java.util.Arrays;

/// Ids one after the other, as many as come.
final class IdList {
    private int[] ids = new int[64];
    private int size;

    void add(int id) {
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, Math.addExact(size, Math.min(size, Integer.MAX_VALUE - 8 - size)));
        }
        ids[size++] = id;
    }

    void addAll(int... more) {
        for (int id : more) {
            add(id);
        }
    }

    int[] toArray() {
        return Arrays.copyOf(ids, size);
    }

    void clear() {
        size = 0;
    }
}
