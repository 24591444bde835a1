package io.pgfleet.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The layers of the architecture, held by the bytecode. */
class LayersTest {
  private static final JavaClasses PROGRAM =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.pgfleet");

  @Test
  void dependenciesPointDownwardsOnlyAndCapabilitiesDoNotKnowEachOther() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("wire")
        .definedBy("io.pgfleet.wire..")
        .layer("spec")
        .definedBy("io.pgfleet.spec..")
        .layer("consensus")
        .definedBy("io.pgfleet.consensus..")
        .layer("postgres")
        .definedBy("io.pgfleet.postgres..")
        .layer("agent")
        .definedBy("io.pgfleet.agent..")
        .layer("gateway")
        .definedBy("io.pgfleet.gateway..")
        .layer("migrate")
        .definedBy("io.pgfleet.migrate..")
        .layer("deploy")
        .definedBy("io.pgfleet.deploy..")
        .layer("backup")
        .definedBy("io.pgfleet.backup..")
        .layer("bench")
        .definedBy("io.pgfleet.bench..")
        .layer("cli")
        .definedBy("io.pgfleet.cli..")
        .whereLayer("cli")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("bench")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("backup")
        .mayOnlyBeAccessedByLayers("bench", "cli")
        .whereLayer("agent")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("gateway")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("deploy")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("migrate")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("postgres")
        .mayOnlyBeAccessedByLayers("agent", "backup", "bench", "cli")
        .whereLayer("consensus")
        .mayOnlyBeAccessedByLayers("agent", "cli")
        .whereLayer("spec")
        .mayOnlyBeAccessedByLayers("consensus", "agent", "migrate", "deploy", "cli")
        .check(PROGRAM);
  }

  @Test
  void noTwoModulesDependOnEachOther() {
    slices().matching("io.pgfleet.(*)..").should().beFreeOfCycles().check(PROGRAM);
  }

  @Test
  void decisionsTouchNoClockNoThreadAndNoOutsideWorld() {
    noClasses()
        .that()
        .resideInAPackage("..decide..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.net..", "java.io..", "java.nio..", "java.util.concurrent..", "java.time")
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Thread.class)
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .check(PROGRAM);
  }
}
