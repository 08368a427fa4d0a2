package adjoint.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.util.ArrayList;
import java.util.List;

/// `adjoint help`, also of commands of commands: `adjoint help train game`, where picocli's own stops at the first.
@Command(name = "help", helpCommand = true, description = "Shows the help of a command.")
final class HelpCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "COMMAND", description = "The command, such as train, or train game.")
    private List<String> names = new ArrayList<>();

    @Override
    public void run() {
        CommandLine command = spec.parent().commandLine();
        for (String name : names) {
            CommandLine next = command.getSubcommands().get(name);
            if (next == null) {
                throw new ParameterException(spec.commandLine(), none(name, command));
            }
            command = next;
        }
        command.usage(spec.commandLine().getOut());
    }

    private static String none(String name, CommandLine command) {
        List<String> known = List.copyOf(command.getSubcommands().keySet());
        String of = command.getCommandSpec().qualifiedName();
        return known.isEmpty()
                ? of + " has no commands, got '" + name + "': see " + of + " --help"
                : Choices.noneOf("the commands of " + of + ": ", name, known);
    }
}
