package dev.signet.junit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Starts servers when they are first needed, resets them before each test and ends them with the run. */
public final class SignetExtension implements BeforeEachCallback, ParameterResolver {
  private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(SignetExtension.class);

  /** Closed by JUnit with the store that it is in. */
  private record Running(Signet signet) implements ExtensionContext.Store.CloseableResource {
    @Override
    public void close() {
      signet.close();
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    server(context).reset();
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Signet.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return server(context);
  }

  private static Signet server(ExtensionContext context) {
    SignetTest chosen = context.getRequiredTestClass().getAnnotation(SignetTest.class);
    String file = chosen == null ? "" : chosen.bootstrap();
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(file, name -> new Running(Signet.start(read(name, context))), Running.class)
        .signet();
  }

  private static String read(String file, ExtensionContext context) {
    if (file.isEmpty()) {
      return Signet.DEFAULT_BOOTSTRAP;
    }
    try (InputStream in = context.getRequiredTestClass().getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalArgumentException("There is no " + file + " on the class path.");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }
}
