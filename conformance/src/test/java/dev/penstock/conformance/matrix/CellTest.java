package dev.penstock.conformance.matrix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CellTest {
    @Test
    void itsTextNamesACell() {
        for (Cell cell : new CellChoice(5, 4711).pairwise()) {
            assertEquals(cell, Cell.parse(cell.toString()));
        }
        Cell plain = Cell.parse("");
        assertEquals("cubic", plain.get(Dimension.CC));
        assertTrue(plain.isClean());
        assertEquals(1 << 20, plain.bytesOf(Side.KERNEL));
        assertEquals(0, Cell.parse("sender=stack,bytes=9").bytesOf(Side.KERNEL));
        assertEquals(9, Cell.parse("sender=stack,bytes=9").bytesOf(Side.STACK));
    }

    @Test
    void whatIsNoCellIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Cell.parse("cc=vegas"));
        assertThrows(IllegalArgumentException.class, () -> Cell.parse("colour=1"));
        assertThrows(IllegalArgumentException.class, () -> Cell.parse("cc"));
    }

    @Test
    void pairwiseHoldsEveryPairInFewCells() {
        List<Cell> cells = new CellChoice(1, 1000).pairwise();
        Set<String> pairs = new HashSet<>();
        for (Cell cell : cells) {
            for (Dimension a : Dimension.values()) {
                for (Dimension b : Dimension.values()) {
                    pairs.add(a + cell.get(a) + b + cell.get(b));
                }
            }
        }
        for (Dimension a : Dimension.values()) {
            for (Dimension b : Dimension.values()) {
                for (String i : a.values) {
                    for (String j : b.values) {
                        assertTrue(a == b || pairs.contains(a + i + b + j), a + "=" + i + " with " + b + "=" + j);
                    }
                }
            }
        }
        assertTrue(cells.size() < 40, cells.size() + " cells");
        assertEquals(cells, new CellChoice(1, 1000).pairwise());
    }
}
