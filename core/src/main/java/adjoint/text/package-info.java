/// Text as numbers: a [adjoint.text.Tokenizer] cuts it into tokens, by characters ([adjoint.text.CharacterTokenizer]) or by the pairs
/// of bytes that are most frequent ([adjoint.text.BytePairTokenizer]). [adjoint.text.Tokens] is a long text to predict the next token
/// of, [adjoint.text.TextDataset] are short ones to classify.
///
/// ```java
/// Tokenizer tokens = BytePairTokenizer.train(Files.readString(Path.of("poems.txt")), 1000);
/// int[] ids = tokens.encode("Shall I compare thee");
/// String same = tokens.decode(ids);
/// ```
package adjoint.text;
