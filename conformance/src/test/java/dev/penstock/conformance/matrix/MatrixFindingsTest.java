package dev.penstock.conformance.matrix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MatrixFindingsTest {
    @Test
    void aFindingIsAllowedWhateverTheFamily() {
        for (String family : new String[] {"4", "6"}) {
            Cell cell = Cell.parse("loss=1").with(Dimension.FAMILY, family);
            assertTrue(MatrixFindings.isAllowed(KernelSide.kernel(cell) + ": D-SACK Sequence", cell));
            assertTrue(MatrixFindings.isAllowed(KernelSide.stack(cell) + ": Connection reset (RST)", cell));
            assertFalse(MatrixFindings.isAllowed(KernelSide.stack(cell) + ": Bad checksum", cell));
            assertFalse(MatrixFindings.isAllowed(
                    KernelSide.stack(cell) + ": Previous segment(s) not captured (common at capture start)", cell));
        }
    }

    @Test
    void oneValueOfACellIsReplaced() {
        Cell cell = Cell.parse("loss=1,delay=5,bytes=77,seed=9");
        assertEquals(Cell.parse("loss=1,delay=5,family=6,bytes=77,seed=9"), cell.with(Dimension.FAMILY, "6"));
        assertEquals(cell, cell.with(Dimension.FAMILY, "4"));
        assertThrows(IllegalArgumentException.class, () -> cell.with(Dimension.FAMILY, "5"));
    }
}
