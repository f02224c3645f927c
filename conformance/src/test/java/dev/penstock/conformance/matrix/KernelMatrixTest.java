package dev.penstock.conformance.matrix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.tap.NetNamespace;
import dev.penstock.tap.TapRequirement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The part of the matrix that runs everywhere: every value of every dimension meets every value of every other one, with
 * small transfers. {@code conformance/kernel-matrix} runs more of it.
 */
class KernelMatrixTest {
    @Test
    @Timeout(180)
    void everyPairOfSettingsIsByteExactAgainstTheKernel() throws Exception {
        TapRequirement.check();
        for (String command : List.of("ip", "ss", "tshark")) {
            if (NetNamespace.findCommand(command) == null) {
                TapRequirement.refuse("needs the command " + command);
            }
        }
        KernelMatrix matrix = new KernelMatrix();
        matrix.seed = 3;
        matrix.bytes = 512 * 1024;
        matrix.cells = new CellChoice(matrix.seed, matrix.bytes).pairwise().size();
        matrix.jobs = 4;
        matrix.limitSeconds = 60;
        matrix.captures = 5;
        StringBuilder table = new StringBuilder();
        matrix.out = line -> table.append(line).append('\n');
        List<CellResult> failed = matrix.run();
        assertTrue(failed.isEmpty(), () -> failed.size() + " failed:\n" + table);
        assertEquals(matrix.cells, matrix.ran());
        for (String ours : List.of("family=6", "our-cc=bbr")) {
            // Each other value meets it once at least: the kernel's three congestion controls, for example.
            assertTrue(table.toString().split(ours, -1).length > 3, () -> "cells with " + ours + ":\n" + table);
        }
        assertTrue(matrix.retransmissions() > 50, () -> "the network was bad:\n" + table);
    }
}
