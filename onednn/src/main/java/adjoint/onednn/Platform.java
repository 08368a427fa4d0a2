package adjoint.onednn;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The platforms whose libraries this build knows: where they lie in the artifact `org.bytedeco:dnnl`, and what they are.
///
/// @param name the artifact's classifier
/// @param files what to unpack, the library itself last
record Platform(String name, List<File> files) {
    /// A file of the artifact.
    ///
    /// @param sha256 its checksum in hexadecimal digits
    record File(String name, String sha256) {}

    private static final List<Platform> KNOWN =
            List.of(
                    new Platform(
                            "linux-x86_64",
                            List.of(
                                    new File(
                                            "libgomp.so.1",
                                            "d46f9225c1883039e8a6853e6d96ca1af11d034ce186a090952e4a7c8a7c2fdc"),
                                    new File(
                                            "libdnnl.so.3",
                                            "3610657c35381b06694034b677cf73f28086495aba51ecf0cfb5b6511652a443"))));

    /// The name of the platform that this program runs on.
    static String here() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT).replaceAll("[^a-z].*", "");
        String arch = System.getProperty("os.arch");
        return os + "-" + (arch.equals("amd64") ? "x86_64" : arch);
    }

    /// The platform of that name, if this build knows it.
    static Optional<Platform> named(String name) {
        return KNOWN.stream().filter(p -> p.name.equals(name)).findFirst();
    }

    /// Where a file lies on the class path.
    String resource(File file) {
        return "org/bytedeco/dnnl/" + name + "/" + file.name();
    }
}
