package adjoint.plan;

import adjoint.kernel.Buffer;
import adjoint.tensor.Evaluator.Update;
import adjoint.tensor.Op;
import adjoint.tensor.Parameter;
import adjoint.tensor.ParameterHold.Claim;
import adjoint.tensor.Spec;
import adjoint.tensor.Tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What one run is asked for, read off the tensors: a numbered list of nodes with inputs before outputs, and the memory
/// of the leaves. All but the leaves' memory is the structure, by which plans are cached; values are no part of it.
final class Recording {
    private static final Object PARAMETER = "parameter";
    private static final Object DATA = "data";
    private static final long UNREAD = -1;
    private static final int USUAL = 128; // nodes: room for them spares a small network's step moving

    /// For each node its op, or for a leaf [#PARAMETER] or [#DATA].
    private Object[] ops;

    private Spec[] specs;

    /// For each node: number of inputs, then their indices; for a leaf -1 and its number. Then the wanted nodes, then the updates.
    private int[] wiring;

    // By number of leaf:
    private Object[] leaves;
    private int[] leafNodes;
    private long[] versions; // of the parameter that is read; UNREAD for others
    private boolean[] written;

    private int nodes;
    private int wired;
    private int leafCount;
    private final int wantedCount;
    private int hash;

    // The numbers of the nodes by their tensors, and of the leaves by their memory: compared by identity.
    private Object[] table;
    private int[] tableNumber;
    private int entries;
    private Tensor[] stack;
    private int[] next;
    private int[] found;

    private Recording(int wantedCount) {
        this.wantedCount = wantedCount;
        ops = new Object[USUAL];
        specs = new Spec[USUAL];
        wiring = new int[4 * USUAL];
        leaves = new Object[16];
        leafNodes = new int[16];
        versions = new long[16];
        written = new boolean[16];
        table = new Object[4 * USUAL];
        tableNumber = new int[table.length];
        stack = new Tensor[16];
        next = new int[16];
        found = new int[16];
    }

    // Nothing but the structure.
    private Recording(Recording other) {
        wantedCount = other.wantedCount;
        ops = Arrays.copyOf(other.ops, other.nodes);
        specs = Arrays.copyOf(other.specs, other.nodes);
        wiring = Arrays.copyOf(other.wiring, other.wired);
        nodes = other.nodes;
        wired = other.wired;
        leafCount = other.leafCount;
        hash = other.hash;
    }

    static Recording of(List<Tensor> wanted, List<Update> updates) {
        var recording = new Recording(wanted.size());
        int[] results = new int[wanted.size()];
        for (int i = 0; i < results.length; i++) {
            results[i] = recording.visit(wanted.get(i));
        }
        int[] values = new int[updates.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = recording.visit(updates.get(i).value());
        }
        int[] targets = new int[updates.size()];
        for (int i = 0; i < targets.length; i++) {
            targets[i] = recording.target(updates.get(i).target());
        }
        for (int result : results) {
            recording.wire(result);
        }
        for (int i = 0; i < targets.length; i++) {
            recording.wire(targets[i]);
            recording.wire(values[i]);
        }
        recording.finish();
        return recording;
    }

    // Depth first with an explicit stack: graphs may be hundreds of thousands of operations deep. Gives the number of
    // the node.
    private int visit(Tensor root) {
        int known = find(root);
        if (known >= 0) {
            return known;
        }
        int depth = 0;
        stack[0] = root;
        next[0] = 0;
        int count = 0; // of the numbers found: for each tensor on the stack those of its inputs so far
        while (depth >= 0) {
            Tensor node = stack[depth];
            List<Tensor> inputs = node.inputs(); // in this order: another thread may compute it now and let it go
            Op op = node.op();
            boolean leaf = op == null || node.buffer() != null;
            int number;
            if (leaf || next[depth] == inputs.size()) {
                count -= next[depth];
                number = leaf ? leaf(node) : node(op, node.spec(), count, inputs.size());
                put(node, number);
                depth--;
            } else {
                Tensor input = inputs.get(next[depth]);
                number = find(input);
                if (number < 0) {
                    push(++depth, input);
                    continue;
                }
            }
            if (depth >= 0) {
                next[depth]++;
            }
            if (count == found.length) {
                found = Arrays.copyOf(found, 2 * count);
            }
            found[count++] = number;
        }
        return found[0];
    }

    private void push(int depth, Tensor tensor) {
        if (depth == stack.length) {
            stack = Arrays.copyOf(stack, 2 * depth);
            next = Arrays.copyOf(next, 2 * depth);
        }
        stack[depth] = tensor;
        next[depth] = 0;
    }

    private int node(Op op, Spec spec, int firstInput, int inputs) {
        int index = add(op, spec);
        wire(inputs);
        for (int i = 0; i < inputs; i++) {
            wire(found[firstInput + i]);
        }
        return index;
    }

    private int leaf(Tensor tensor) {
        Parameter parameter = tensor.parameter();
        if (parameter != null && tensor.version() != parameter.version()) {
            if (tensor.buffer() == null) {
                throw stale(parameter, tensor.version());
            }
            parameter = null; // its old values were read in time
        }
        Object memory = parameter != null ? parameter : tensor.buffer();
        int known = find(memory);
        if (known >= 0 && specs[leafNodes[known]].equals(tensor.spec())) {
            if (parameter != null && versions[known] != tensor.version()) {
                throw stale(parameter, Math.min(versions[known], tensor.version()));
            }
            return leafNodes[known];
        }
        int leaf = addLeaf(parameter != null ? PARAMETER : DATA, memory, tensor.spec());
        if (parameter != null) {
            versions[leaf] = tensor.version();
        }
        return leafNodes[leaf];
    }

    // What is only written has no version that could be the wrong one.
    private int target(Parameter parameter) {
        int known = find(parameter);
        int leaf = known >= 0 ? known : addLeaf(PARAMETER, parameter, parameter.spec());
        written[leaf] = true;
        return leafNodes[leaf];
    }

    private int addLeaf(Object kind, Object memory, Spec spec) {
        int leaf = leafCount++;
        if (leaf == leaves.length) {
            leaves = Arrays.copyOf(leaves, 2 * leaf);
            leafNodes = Arrays.copyOf(leafNodes, 2 * leaf);
            versions = Arrays.copyOf(versions, 2 * leaf);
            written = Arrays.copyOf(written, 2 * leaf);
        }
        leaves[leaf] = memory;
        leafNodes[leaf] = add(kind, spec);
        versions[leaf] = UNREAD;
        wire(-1);
        wire(leaf);
        put(memory, leaf);
        return leaf;
    }

    private static StaleReadException stale(Parameter parameter, long version) {
        return new StaleReadException(
                "a tensor was recorded from a parameter of "
                        + parameter.spec()
                        + " before an update of it (version "
                        + version
                        + ") and is read after it (version "
                        + parameter.version()
                        + "): read it before the step, ask the step to compute it too, or record it again");
    }

    /// The parameters whose memory a run needs, to be held while it goes on.
    List<Claim> claims() {
        List<Claim> claims = new ArrayList<>(leafCount);
        for (int i = 0; i < leafCount; i++) {
            if (leaves[i] instanceof Parameter p) {
                claims.add(new Claim(p, written[i]));
            }
        }
        return claims;
    }

    /// Refuses what was recorded from values that are gone; to be called while the parameters are held.
    void requireCurrent() {
        for (int i = 0; i < leafCount; i++) {
            if (versions[i] != UNREAD && ((Parameter) leaves[i]).version() != versions[i]) {
                throw stale((Parameter) leaves[i], versions[i]);
            }
        }
    }

    private int add(Object op, Spec spec) {
        if (nodes == ops.length) {
            ops = Arrays.copyOf(ops, 2 * nodes);
            specs = Arrays.copyOf(specs, 2 * nodes);
        }
        ops[nodes] = op;
        specs[nodes] = spec;
        return nodes++;
    }

    private void wire(int value) {
        if (wired == wiring.length) {
            wiring = Arrays.copyOf(wiring, 2 * wired);
        }
        wiring[wired++] = value;
    }

    private int find(Object key) {
        int at = position(key);
        return table[at] == null ? -1 : tableNumber[at];
    }

    private void put(Object key, int number) {
        if (2 * ++entries > table.length) {
            Object[] oldTable = table;
            int[] oldNumber = tableNumber;
            table = new Object[4 * oldTable.length];
            tableNumber = new int[4 * oldTable.length];
            for (int i = 0; i < oldTable.length; i++) {
                if (oldTable[i] != null) {
                    insert(oldTable[i], oldNumber[i]);
                }
            }
        }
        insert(key, number);
    }

    private void insert(Object key, int number) {
        int at = position(key);
        table[at] = key;
        tableNumber[at] = number;
    }

    // Where a key is, or would go.
    private int position(Object key) {
        int mask = table.length - 1;
        int hash = key instanceof Tensor t ? t.hashCode() : key.hashCode(); // mostly tensors: no search for the method
        int at = hash & mask;
        while (table[at] != null && table[at] != key) {
            at = at + 1 & mask;
        }
        return at;
    }

    private void finish() {
        int h = wantedCount;
        for (int i = 0; i < nodes; i++) {
            h = 31 * h + ops[i].hashCode();
        }
        for (int i = 0; i < wired; i++) {
            h = 31 * h + wiring[i];
        }
        hash = h;
        table = null;
        tableNumber = null;
        stack = null;
    }

    int nodes() {
        return nodes;
    }

    /// The op of a node, or null for a leaf.
    Op op(int node) {
        return ops[node] instanceof Op op ? op : null;
    }

    Spec spec(int node) {
        return specs[node];
    }

    int leafCount() {
        return leafCount;
    }

    /// The memory of a leaf: a [Parameter] or a [Buffer].
    Object leaf(int number) {
        return leaves[number];
    }

    Buffer buffer(int number) {
        return leaves[number] instanceof Parameter p ? p.buffer() : (Buffer) leaves[number];
    }

    int wantedCount() {
        return wantedCount;
    }

    int[] wiring() {
        return Arrays.copyOf(wiring, wired);
    }

    /// The structure alone, to be kept: what it was recorded from can be collected.
    Recording key() {
        return new Recording(this);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || other instanceof Recording r
                        && hash == r.hash
                        && nodes == r.nodes
                        && wantedCount == r.wantedCount
                        && Arrays.equals(wiring, 0, wired, r.wiring, 0, r.wired)
                        && Arrays.equals(ops, 0, nodes, r.ops, 0, nodes)
                        && sameLeaves(r);
    }

    // The other nodes' specs follow from these.
    private boolean sameLeaves(Recording r) {
        for (int i = 0; i < nodes; i++) {
            if (!(ops[i] instanceof Op) && !specs[i].equals(r.specs[i])) {
                return false;
            }
        }
        return true;
    }
}
