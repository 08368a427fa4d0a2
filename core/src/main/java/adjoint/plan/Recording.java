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
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What one run is asked for, read off the tensors: a numbered list of nodes with inputs before outputs, and the memory
/// of the leaves. All but the leaves' memory is the structure, by which plans are cached; values are no part of it.
final class Recording {
    private static final Object PARAMETER = "parameter";
    private static final Object DATA = "data";

    /// For each node its op, or for a leaf [#PARAMETER] or [#DATA].
    private Object[] ops = new Object[64];

    private Spec[] specs = new Spec[64];

    /// For each node: number of inputs, then their indices; for a leaf -1 and its number. Then the wanted nodes, then the updates.
    private int[] wiring = new int[256];

    private Object[] leaves = new Object[16];
    private int nodes;
    private int wired;
    private int leafCount;
    private int entries; // of the table: more than nodes where tensors share a buffer
    private final int wantedCount;
    private int hash;

    private Tensor[] table = new Tensor[256];
    private int[] tableIndex = new int[256];
    private final Map<Object, Integer> leafNodes = new IdentityHashMap<>();
    private final Map<Parameter, Long> versions = new IdentityHashMap<>(); // of what is read
    private final Set<Parameter> written = Collections.newSetFromMap(new IdentityHashMap<>());

    private Recording(int wantedCount) {
        this.wantedCount = wantedCount;
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
        Tensor[] stack = new Tensor[64];
        int[] next = new int[64];
        int depth = 0;
        stack[0] = root;
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
        Integer known = leafNodes.get(memory);
        if (known != null && specs[known].equals(tensor.spec())) {
            if (parameter != null && versions.get(parameter) != tensor.version()) {
                throw stale(parameter, Math.min(versions.get(parameter), tensor.version()));
            }
            return known;
        }
        if (parameter != null) {
            versions.put(parameter, tensor.version());
        }
        return addLeaf(parameter != null ? PARAMETER : DATA, memory, tensor.spec());
    }

    // What is only written has no version that could be the wrong one.
    private int target(Parameter parameter) {
        written.add(parameter);
        Integer known = leafNodes.get(parameter);
        return known != null ? known : addLeaf(PARAMETER, parameter, parameter.spec());
    }

    private int addLeaf(Object kind, Object memory, Spec spec) {
        int index = add(kind, spec);
        wire(-1);
        wire(leafCount);
        if (leafCount == leaves.length) {
            leaves = Arrays.copyOf(leaves, 2 * leafCount);
        }
        leaves[leafCount++] = memory;
        leafNodes.put(memory, index);
        return index;
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
                claims.add(new Claim(p, written.contains(p)));
            }
        }
        return claims;
    }

    /// Refuses what was recorded from values that are gone; to be called while the parameters are held.
    void requireCurrent() {
        versions.forEach((parameter, version) -> {
            if (parameter.version() != version) {
                throw stale(parameter, version);
            }
        });
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
        leafNodes.clear();
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
        var key = new Recording(wantedCount);
        key.ops = ops;
        key.specs = specs;
        key.wiring = wiring;
        key.nodes = nodes;
        key.wired = wired;
        key.leafCount = leafCount;
        key.hash = hash;
        key.leaves = null;
        key.table = null;
        key.tableIndex = null;
        return key;
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
