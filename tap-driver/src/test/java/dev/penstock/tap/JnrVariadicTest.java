package dev.penstock.tap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * That JNR's {@code @Variadic} takes effect. x86-64 passes integers the same way whether variadic or not, so no call
 * can show it here; the prepared calls themselves are looked at. jffi caches them by signature without the number of
 * named arguments, so a plain call of the same signature, prepared earlier, would silently take its place.
 */
class JnrVariadicTest {
    @Test
    void openIoctlAndFcntlArePreparedWithTwoNamedArguments() throws Exception {
        NativeBinding.JNR.libC();
        JnrLibC.Calls calls = ((JnrLibC) NativeBinding.JNR.libC()).calls();
        Map<Long, Integer> fixedByAddress = new HashMap<>();
        collect(calls, fixedByAddress, new IdentityHashMap<>(), 0);
        com.kenai.jffi.Library c = com.kenai.jffi.Library.getCachedInstance("libc.so.6", com.kenai.jffi.Library.LAZY);
        for (String name : new String[] {"open", "ioctl", "fcntl"}) {
            assertEquals(2, fixedByAddress.get(c.getSymbolAddress(name)), name);
        }
    }

    /** Walks the generated object's fields to every prepared com.kenai.jffi.Function. */
    private static void collect(Object at, Map<Long, Integer> found, Map<Object, Object> seen, int depth)
            throws ReflectiveOperationException {
        if (at == null || depth > 4 || seen.put(at, at) != null) {
            return;
        }
        if (at instanceof com.kenai.jffi.Function function) {
            Field fixed = com.kenai.jffi.CallContext.class.getDeclaredField("fixedParamCount");
            fixed.setAccessible(true);
            found.put(function.getFunctionAddress(), fixed.getInt(function.getCallContext()));
            return;
        }
        for (Class<?> type = at.getClass(); type != null; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                boolean ours = field.getType().getName().startsWith("jnr.")
                        || field.getType().getName().startsWith("com.kenai.jffi.");
                if (ours || field.getType() == Object.class) {
                    field.setAccessible(true);
                    collect(field.get(at), found, seen, depth + 1);
                }
            }
        }
    }
}
