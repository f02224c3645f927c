package dev.penstock.conformance.attack;

import dev.penstock.stack.base.DropReason;
import java.util.List;

/**
 * Something that a station on the same link, or one far away that forges addresses, does to a stack.
 *
 * @param name one word, for the command line
 * @param about what it is, and who says so
 * @param frame makes the {@code i}-th frame
 * @param drops the reasons under which all but a few of its frames are counted; empty where the stack takes them
 * @param mostReplies the packets that the victim may send because of it, per 1000 frames; the connections' own are not
 *     counted
 */
record Attack(String name, String about, Frames frame, List<DropReason> drops, int mostReplies) {
    /** Makes the frames. */
    @FunctionalInterface
    interface Frames {
        byte[] frame(AttackLab lab, int i);
    }
}
