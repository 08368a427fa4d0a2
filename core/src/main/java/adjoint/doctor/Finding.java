package adjoint.doctor;

/// Something that is wrong.
///
/// @param ailment what
/// @param path the first layer concerned; empty where it is none
/// @param message what was seen, with the numbers
/// @param remedy what to do
public record Finding(Ailment ailment, String path, String message, String remedy) {
    @Override
    public String toString() {
        String where = path.isEmpty() ? "" : " (" + path + ")";
        return ailment.words() + where + ": " + message + ". " + remedy;
    }
}
