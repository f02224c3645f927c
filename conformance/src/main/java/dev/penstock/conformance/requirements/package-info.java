/**
 * The requirement matrix: what the RFCs ask ({@code conformance/requirements/*.tsv}), the tests that hold the stack to it
 * ({@code @Requirement}), the check that the two agree, and the report.
 */
package dev.penstock.conformance.requirements;
