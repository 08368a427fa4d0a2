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
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/// What one run is asked for, read off the tensors: a numbered list of nodes with inputs before outputs, and the memory
/// of the leaves. All but the leaves' memory is the structure, by which plans are cached; values are no part of it.
final class Recording {
    private static final Object PARAMETER = "parameter";
    private static final Object DATA = "data";
    private static final long UNREAD = -1;

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
    private int entries; // of the table: more than nodes where tensors share a buffer
    private final int wantedCount;
    private int hash;

    private Tensor[] table;
    private int[] tableIndex;
    private Tensor[] stack;
    private int[] next;
    private final Map<Object, Integer> leafNumbers; // by their memory

    private Recording(int wantedCount) {
        this.wantedCount = wantedCount;
        ops = new Object[32];
        specs = new Spec[32];
        wiring = new int[128];
        leaves = new Object[16];
        leafNodes = new int[16];
        versions = new long[16];
        written = new boolean[16];
        table = new Tensor[64];
        tableIndex = new int[64];
        stack = new Tensor[16];
        next = new int[16];
        leafNumbers = new IdentityHashMap<>(12);
    }

    // Nothing but the structure.
    private Recording(Recording other) {
        wantedCount = other.wantedCount;
        ops = other.ops;
        specs = other.specs;
        wiring = other.wiring;
        nodes = other.nodes;
        wired = other.wired;
        leafCount = other.leafCount;
        hash = other.hash;
        leafNumbers = null;
    }

    static Recording of(List<Tensor> wanted, List<Update> updates) {
        var recording = new Recording(wanted.size());
        for (Tensor t : wanted) {
            recording.visit(t);
        }
        for (Update u : updates) {
            recording.visit(u.value());
        }
        int[] targets = new int[updates.size()];
        for (int i = 0; i < targets.length; i++) {
            targets[i] = recording.target(updates.get(i).target());
        }
        for (Tensor t : wanted) {
            recording.wire(recording.find(t));
        }
        for (int i = 0; i < targets.length; i++) {
            recording.wire(targets[i]);
            recording.wire(recording.find(updates.get(i).value()));
        }
        recording.finish();
        return recording;
    }

    // Depth first with an explicit stack: graphs may be hundreds of thousands of operations deep.
    private void visit(Tensor root) {
        if (find(root) >= 0) {
            return;
        }
        int depth = 0;
        stack[0] = root;
        next[0] = 0;
        while (depth >= 0) {
            Tensor node = stack[depth];
            List<Tensor> inputs = node.inputs(); // in this order: another thread may compute it now and let it go
            Op op = node.op();
            boolean leaf = op == null || node.buffer() != null;
            if (!leaf && next[depth] < inputs.size()) {
                Tensor input = inputs.get(next[depth]++);
                if (find(input) < 0) {
                    if (++depth == stack.length) {
                        stack = Arrays.copyOf(stack, 2 * depth);
                        next = Arrays.copyOf(next, 2 * depth);
                    }
                    stack[depth] = input;
                    next[depth] = 0;
                }
                continue;
            }
            depth--;
            if (leaf) {
                put(node, leaf(node));
            } else {
                put(node, node(op, node.spec(), inputs));
            }
        }
    }

    private int node(Op op, Spec spec, List<Tensor> inputs) {
        int index = add(op, spec);
        wire(inputs.size());
        for (int i = 0; i < inputs.size(); i++) {
            wire(find(inputs.get(i)));
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
        Integer known = leafNumbers.get(memory);
        if (known != null && specs[leafNodes[known]].equals(tensor.spec())) {
            if (parameter != null && versions[known] != tensor.version()) {
                throw stale(parameter, Math.min(versions[known], tensor.version()));
            }
            return leafNodes[known];
        }
        int leaf = addLeaf(parameter != null ? PARAMETER : DATA, memory, tensor.spec());
        versions[leaf] = parameter != null ? tensor.version() : UNREAD;
        return leafNodes[leaf];
    }

    // What is only written has no version that could be the wrong one.
    private int target(Parameter parameter) {
        Integer known = leafNumbers.get(parameter);
        int leaf = known != null ? known : addLeaf(PARAMETER, parameter, parameter.spec());
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
        leafNumbers.put(memory, leaf);
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

    private int find(Tensor tensor) {
        int mask = table.length - 1;
        for (int i = tensor.hashCode() & mask; table[i] != null; i = i + 1 & mask) {
            if (table[i] == tensor) {
                return tableIndex[i];
            }
        }
        return -1;
    }

    private void put(Tensor tensor, int index) {
        if (2 * ++entries > table.length) {
            Tensor[] oldTable = table;
            int[] oldIndex = tableIndex;
            table = new Tensor[4 * oldTable.length];
            tableIndex = new int[4 * oldTable.length];
            for (int i = 0; i < oldTable.length; i++) {
                if (oldTable[i] != null) {
                    insert(oldTable[i], oldIndex[i]);
                }
            }
        }
        insert(tensor, index);
    }

    private void insert(Tensor tensor, int index) {
        int mask = table.length - 1;
        int i = tensor.hashCode() & mask;
        while (table[i] != null) {
            i = i + 1 & mask;
        }
        table[i] = tensor;
        tableIndex[i] = index;
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
        tableIndex = null;
        stack = null;
        leafNumbers.clear();
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

    /// Shapes and types of the leaves, by number.
    List<Spec> leafSpecs() {
        var list = new Spec[leafCount];
        for (int i = 0, at = 0; i < nodes; i++) {
            int count = wiring[at++];
            if (count < 0) {
                list[wiring[at++]] = specs[i];
            } else {
                at += count;
            }
        }
        return List.of(list);
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
