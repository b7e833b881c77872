package dev.signet.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests of this class get a {@link Signet} as a parameter: one server for all classes with the same bootstrap file, in its first state
 * for each test.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(SignetExtension.class)
public @interface SignetTest {
  /** A bootstrap file on the class path, such as {@code "/accounts.json"}; an account with an administrator if empty. */
  String bootstrap() default "";
}
