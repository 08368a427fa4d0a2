package adjoint.cli;

import adjoint.nn.Summary;
import adjoint.tensor.Spec;

import picocli.CommandLine.Command;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `adjoint summary`: what a network is made of.
@Command(name = "summary", description = "Shows a network's layers, shapes, parameters, memory and operations.")
final class SummaryCommand extends Subject {
    @Override
    int work() throws IOException {
        Example e = example();
        Summary summary = Summary.of(e.network(), new Spec(e.x().shape(), e.x().type()));
        say("%s", summary.toString());
        Map<String, Object> results = new LinkedHashMap<>();
        results.put("parameters", summary.parameters());
        results.put("parameterBytes", summary.parameterBytes());
        results.put("activationBytes", summary.activationBytes());
        results.put("operations", summary.operations());
        List<Map<String, Object>> layers =
                summary.rows().stream()
                        .map(r ->
                                Map.<String, Object>of(
                                        "path", r.path(),
                                        "layer", r.type(),
                                        "output", r.output().toString(),
                                        "parameters", r.parameters()))
                        .toList();
        results.put("layers", layers);
        report(results);
        return 0;
    }
}
