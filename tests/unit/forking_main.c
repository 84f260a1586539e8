/* SPDX-License-Identifier: MIT */
/*
 * A main for Criterion's tests under valgrind. Criterion executes the program anew for each test,
 * which costs valgrind more than a second; here each test is a fork of the one that has started.
 * It knows what our tests use: suites with init and fini, and tests that end by themselves.
 */
#include <criterion/criterion.h>
#include <criterion/event.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where the macros Test and TestSuite leave pointers; the linker names both ends. */
extern struct criterion_test *const __start_cr_tst[], *const __stop_cr_tst[];
extern struct criterion_suite *const __start_cr_sts[] __attribute__((weak));
extern struct criterion_suite *const __stop_cr_sts[] __attribute__((weak));

enum outcome {
	PASSED,
	FAILED,
	SKIPPED,
};

/* Of the one test that this process runs. */
static const struct criterion_test *test;
static enum outcome outcome;
static jmp_buf test_end;

static const struct criterion_test_extra_data *suite_data(void)
{
	static const struct criterion_test_extra_data none;

	for (struct criterion_suite *const *s = __start_cr_sts; s < __stop_cr_sts; s++) {
		if (strcmp((*s)->name, test->category) == 0)
			return (*s)->data;
	}
	return &none;
}

/* What the macros call, in place of Criterion's own. */
void criterion_send_assert(struct criterion_assert_stats *stats)
{
	fprintf(stderr, "%s:%u: %s: %s\n", stats->file, stats->line, test->name, stats->message);
}

void cri_asserts_passed_incr(void)
{
}

void criterion_continue_test(void)
{
	outcome = FAILED;
}

void criterion_abort_test(void)
{
	outcome = FAILED;
	longjmp(test_end, 1);
}

/* Ends at once: what the test holds is not lost. */
void criterion_skip_test(const char *format, ...)
{
	(void)format;
	exit(SKIPPED);
}

void criterion_internal_test_setup(void)
{
	if (suite_data()->init)
		suite_data()->init();
	if (test->data->init)
		test->data->init();
}

void criterion_internal_test_main(void (*fn)(void))
{
	if (setjmp(test_end) == 0)
		fn();
}

void criterion_internal_test_teardown(void)
{
	if (test->data->fini)
		test->data->fini();
	if (suite_data()->fini)
		suite_data()->fini();
}

static enum outcome run_apart(void)
{
	pid_t child;
	int status;

	fflush(NULL);
	child = fork();
	if (child == 0) {
		test->test();
		exit((int)outcome);
	}
	if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
	    WEXITSTATUS(status) <= SKIPPED)
		return (enum outcome)WEXITSTATUS(status);
	fprintf(stderr, "%s: it crashed\n", test->data->identifier_);
	return FAILED;
}

int main(void)
{
	size_t n[] = {[PASSED] = 0, [FAILED] = 0, [SKIPPED] = 0};

	for (struct criterion_test *const *t = __start_cr_tst; t < __stop_cr_tst; t++) {
		test = *t;
		n[run_apart()]++;
	}
	printf("Synthesis: Tested: %zu | Passing: %zu | Failing: %zu | Crashing: 0\n",
	       n[PASSED] + n[FAILED] + n[SKIPPED], n[PASSED], n[FAILED]);
	return n[FAILED] > 0;
}
