package adjoint.bench.dl4j;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/// The networks.
final class Nets {
    private Nets() {}

    static MultiLayerNetwork classifier(IUpdater updater, int... widths) {
        return mlp(updater, softmax(widths[widths.length - 1]), widths);
    }

    static MultiLayerNetwork actionValues() {
        OutputLayer values = new OutputLayer.Builder(LossFunction.MSE).nOut(2).activation(Activation.IDENTITY).build();
        return mlp(new Adam(2.5e-4), values, 4, 120, 84, 2);
    }

    private static MultiLayerNetwork mlp(IUpdater updater, OutputLayer output, int... widths) {
        NeuralNetConfiguration.ListBuilder layers = options(updater).list();
        for (int i = 1; i < widths.length - 1; i++) {
            layers.layer(new DenseLayer.Builder().nOut(widths[i]).activation(Activation.RELU).build());
        }
        var net = new MultiLayerNetwork(layers.layer(output).setInputType(InputType.feedForward(widths[0])).build());
        net.init();
        return net;
    }

    static MultiLayerNetwork lenet() {
        var pool = new SubsamplingLayer.Builder(PoolingType.MAX).kernelSize(2, 2).stride(2, 2).build();
        var net =
                new MultiLayerNetwork(
                        options(new Adam(1e-3))
                                .list()
                                .layer(convolution(32, 5, 1, true, Activation.RELU))
                                .layer(pool)
                                .layer(convolution(64, 5, 1, true, Activation.RELU))
                                .layer(pool)
                                .layer(new DenseLayer.Builder().nOut(512).activation(Activation.RELU).build())
                                .layer(softmax(10))
                                .setInputType(InputType.convolutional(28, 28, 1))
                                .build());
        net.init();
        return net;
    }

    static ComputationGraph resnet20() {
        ComputationGraphConfiguration.GraphBuilder graph =
                options(new Nesterovs(0.01, 0.9))
                        .weightDecay(1e-4)
                        .graphBuilder()
                        .addInputs("in")
                        .setInputTypes(InputType.convolutional(32, 32, 3));
        String x = normalized(graph, "stem", "in", 16, 3, 1, Activation.RELU);
        for (int i = 0; i < 9; i++) {
            int out = 16 << i / 3;
            int stride = i == 3 || i == 6 ? 2 : 1;
            String y = normalized(graph, i + "first", x, out, 3, stride, Activation.RELU);
            y = normalized(graph, i + "second", y, out, 3, 1, Activation.IDENTITY);
            if (stride == 2) {
                x = normalized(graph, i + "projection", x, out, 1, 2, Activation.IDENTITY);
            }
            graph.addVertex(i + "sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), y, x);
            x = i + "out";
            graph.addLayer(x, new ActivationLayer(Activation.RELU), i + "sum");
        }
        graph.addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), x)
                .addLayer("head", softmax(10), "pool")
                .setOutputs("head");
        var net = new ComputationGraph(graph.build());
        net.init();
        return net;
    }

    private static String normalized(
            ComputationGraphConfiguration.GraphBuilder graph,
            String name,
            String in,
            int out,
            int kernel,
            int stride,
            Activation activation) {
        graph.addLayer(name + "Convolution", convolution(out, kernel, stride, false, Activation.IDENTITY), in);
        graph.addLayer(name, new BatchNormalization.Builder().activation(activation).build(), name + "Convolution");
        return name;
    }

    private static NeuralNetConfiguration.Builder options(IUpdater updater) {
        return new NeuralNetConfiguration.Builder().seed(1).updater(updater);
    }

    private static OutputLayer softmax(int classes) {
        return new OutputLayer.Builder(LossFunction.MCXENT).nOut(classes).activation(Activation.SOFTMAX).build();
    }

    private static ConvolutionLayer convolution(int out, int kernel, int stride, boolean bias, Activation activation) {
        return new ConvolutionLayer.Builder(kernel, kernel)
                .nOut(out)
                .stride(stride, stride)
                .padding(kernel / 2, kernel / 2)
                .hasBias(bias)
                .activation(activation)
                .build();
    }
}
