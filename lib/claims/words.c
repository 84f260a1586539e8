/* SPDX-License-Identifier: MIT */
#include "lib/claims/words.h"

#include <string.h>

#include "lib/base/util.h"

/* "x" is the word itself, "x*" every word that starts so, "*x*" every word that has it inside. */
static const char *const numbers[] = {
	/* whole numbers */
	"zero*", "nil", "nought", "naught", "one", "ones", "once", "two*", "twice", "thrice",
	"twain", "three*", "four", "fours", "fourth*", "fourfold", "fourteen*", "five*", "six",
	"sixes", "sixt*", "sixfold", "seven*", "eight*", "nine", "nines", "ninefold", "ninet*",
	"ninth*", "ten", "tens", "tenth*", "tenfold", "*eleven*", "*twelve*", "*twelfth*",
	"*thirteen*", "*fifteen*", "*twenty*", "twentie*", "*thirty*", "thirtie*", "forty",
	"forties", "fortieth*", "fortyfold", "*fifty*", "fiftie*", "*sixty*", "*seventy*",
	"*eighty*", "*ninety*", "*hundred*", "*thousand*", "*illion*", "dozen*", "googol*",
	"myriad*", "umpteen*", "lakh*", "crore*", "firstly", "secondly", "magnitude*",
	/* parts and multiples */
	"half", "halves", "halv*", "third", "thirds", "thirdly", "quarter*", "fifth*", "double*",
	"doubling", "doubly", "triple*", "tripling", "triply", "treble*", "quadrupl*", "quintupl*",
	"fold", "hundredfold", "*percent*", "cent", "pct", "mille", "permille", "promille", "ppm",
	/* definite amounts */
	"both", "pair", "pairs", "couple", "single", "singly", "sole", "solely", "dual", "duo",
	"trio", "majorit*", "minorit*", "none", "nobody", "unanimous*", "lone"};

static const char *const directions[] = {
	/* movement */
	"increas*", "decreas*", "improv*", "degrad*", "deteriorat*", "regress*", "worsen*", "rise",
	"rises", "rising", "risen", "rose", "raise*", "raising", "fall", "falls", "falling",
	"fallen", "fell", "drop", "drops", "dropped", "dropping", "declin*", "reduc*", "diminish*",
	"dwindl*", "accelerat*", "decelerat*", "plummet*", "plung*", "soar*", "spike*", "spiking",
	"surg*", "skyrocket*", "climb*", "jump*", "leap*", "shrink*", "shrank", "shrunk", "grow",
	"grows", "growing", "grown", "grew", "growth", "dip", "dips", "dipped", "dipping", "gain",
	"gains", "gained", "gaining", "lose", "loses", "losing", "loss", "losses", "lost", "slump*",
	"sank", "sink*", "slid", "slide", "slides", "collaps*", "escalat*", "lessen*", "boost*",
	"enhanc*", "speedup*", "slowdown*", "sped", "recover*", "rebound*", "tumbl*", "ballooned",
	"upward*", "downward*", "up", "down", "uptick*", "downtick*", "upturn*", "downturn*",
	"widen*", "narrow*", "cut", "cuts", "cutting", "retreat*", "underwent", "bloat*", "crept",
	"edged", "expand*", "contract*", "inflat*", "deflat*", "rallied", "slip*", "stretch*",
	/* rank and comparison */
	"than", "more", "most", "mostly", "less", "lesser", "least", "fewer", "fewest", "better*",
	"best", "worse", "worst", "faster", "fastest", "slower", "slowest", "quicker", "quickest",
	"higher", "highest", "lower*", "lowest", "greater", "greatest", "larger", "largest",
	"smaller", "smallest", "bigger", "biggest", "longer", "longest", "shorter", "shortest",
	"stronger", "strongest", "weaker", "weakest", "heavier", "heaviest", "lighter", "lightest",
	"cheaper", "cheapest", "closer", "closest", "superior*", "inferior*", "top", "topmost",
	"leader*", "winner*", "win", "wins", "won", "winning", "beat", "beats", "beaten", "beating",
	"dominat*", "outperform*", "underperform*", "outpac*", "outrun*", "outstrip*", "surpass*",
	"exceed*", "excel*", "ahead", "behind", "trail*", "lag", "lags", "lagged", "lagging",
	"above", "below", "beneath", "beyond", "maxim*", "minim*", "peak*", "optimal*", "optimum",
	"suboptimal*", "ideal*", "rank", "ranks", "ranked", "ranking*", "foremost", "runner",
	"fittest", "leading", "extreme*", "unmatched", "unrivalled", "unparalleled",
	/* size and worth */
	"fast", "slow*", "quick*", "speedy", "swift*", "high", "highly", "low", "large*", "small",
	"big", "huge*", "tiny", "massive*", "vast*", "great", "greatly", "good", "bad", "badly",
	"poor*", "impressive*", "outstanding*", "exceptional*", "superb*", "significan*",
	"insignifican*", "substantial*", "considerabl*", "dramatic*", "drastic*", "marked*",
	"slight*", "marginal*", "negligibl*", "sharp*", "steep*", "immense*", "enormous*",
	"tremendous*", "severe*", "critical*", "catastroph*", "serious*", "urgent*", "major",
	"minor", "modest*", "noticeabl*", "excellent*", "remarkabl*", "notabl*", "sluggish*",
	"snappy", "promising*", "alarming*", "worrying*", "worrisome", "concerning", "suffer*",
	"struggl*", "healthy", "unhealthy", "solid", "strong", "strongly", "weak", "weakly",
	"efficient*", "inefficient*", "robust*", "powerful*", "adequate*", "inadequate*",
	"acceptable", "unacceptable", "satisfactory", "disappoint*", "superfast",
	/* sameness */
	"same", "equal*", "identical*", "unchanged", "unaffected", "stable", "stably", "unstable",
	"steady", "steadily", "constant", "constantly", "flat", "similar*", "comparabl*",
	"equivalen*", "parity", "tie", "tied", "ties", "stagnat*", "plateau*", "consistent*",
	"inconsisten*", "volatil*", "erratic*", "fluctuat*", "noisy", "reliabl*", "unreliabl*",
	"outlast*", "overtak*", "overtook", "trump*", "rival*", "favo*", "prefer*", "advantage*",
	"disadvantage*", "successful*", "unsuccessful*"};

static const char *const echoes[] = {
	"placeholder*", "digit*",     "instruct*",  "brace",    "braces",    "bracket*",
	"curly",        "verbatim",   "persona*",   "numeral*", "assistant", "chatbot*",
	"sentence*",    "sorry",      "apolog*",    "i",        "im",        "ill",
	"me",           "my",         "myself",     "okay",     "ok",        "lets",
	"sure",         "certainly",  "you",        "your",     "yours",     "youre",
	"ignore",       "disregard",  "forget",     "we",       "wed",       "weve",
	"our",          "ours",       "section*",   "appendix", "populated", "report",
	"us",           "ive",        "ai",         "hello",    "hi",        "hey",
	"thanks",       "thank",      "please",     "glad",     "happy",     "welcome",
	"hope",         "absolutely", "understood", "feel",     "analyst",   "chatgpt",
	"summarize",    "summarise",  "dear"};

static const char *const negations[] = {
	"no",       "not",     "never",    "nor",     "neither", "without", "cannot",
	"cant",     "isnt",    "arent",    "wasnt",   "werent",  "doesnt",  "dont",
	"didnt",    "hasnt",   "havent",   "hadnt",   "wont",    "wouldnt", "couldnt",
	"shouldnt", "hardly",  "barely",   "nothing", "absent",  "absence", "lack",
	"lacks",    "lacking", "scarcely", "deny",    "denies",  "unlikely"};

static const char *const events[] = {
	"chang*",      "differ*", "vari*",       "vary*",      "deviat*",  "regress*",
	"improv*",     "gap",     "gaps",        "failure*",   "error*",   "missing",
	"outlier*",    "anomal*", "problem*",    "issue*",     "concern*", "defect*",
	"contradict*", "trend*",  "bottleneck*", "contention", "throttl*"};

static const char *const causes[] = {
	"because",   "due",      "caus*",      "may",         "maybe",        "might",
	"could",     "would",    "likely",     "unlikely",    "probabl*",     "possib*",
	"perhaps",   "suggest*", "indicat*",   "explain*",    "explanation*", "reason*",
	"owing",     "result",   "results",    "resulted",    "resulting",    "attribut*",
	"stem",      "stems",    "stemming",   "drive",       "drives",       "driven",
	"driving",   "lead",     "leads",      "led",         "imply",        "implies",
	"implied",   "appear*",  "seem*",      "presum*",     "potential*",   "therefore",
	"thus",      "hence",    "consequen*", "since",       "reflect*",     "affect*",
	"influenc*", "impact*",  "contribut*", "bottleneck*", "contention",   "throttl*",
	"hint*",     "point",    "points",     "depend*",     "relate*",      "relating",
	"correlat*", "through",  "hamper*",    "hinder*",     "trigger*",     "produc*",
	"origin*",   "account*", "should",     "expect*",     "believe*",     "assum*",
	"link*",     "make",     "makes",      "made",        "when",         "whenever",
	"limit*",    "allow*",   "enabl*",     "prevent*",    "creat*",       "introduc*",
	"forc*",     "via",      "effect*",    "connect*",    "associat*"};

static const char *const bounds[] = {"over",  "under",  "nearly", "almost",    "within", "past",
                                     "least", "beyond", "until",  "exceeding", "barely", "times",
                                     "minus", "plus",   "per",    "another",   "extra",  "further"};

static const char *const units[] = {
	"ns",       "us",        "ms",        "s",      "sec",     "secs",    "second",   "seconds",
	"nanosec*", "microsec*", "millisec*", "minute", "minutes", "min",     "mins",     "hour",
	"hours",    "h",         "day",       "days",   "byte*",   "kb",      "mb",       "gb",
	"tb",       "kib",       "mib",       "gib",    "tib",     "kilo*",   "mega*",    "giga*",
	"tera*",    "bit",       "bits",      "tok",    "toks",    "token",   "tokens",   "hz",
	"khz",      "mhz",       "ghz",       "hertz",  "watt*",   "joule*",  "degree*",  "celsius",
	"times",    "points",    "point",     "x",      "k",       "fps",     "qps",      "rps",
	"flops",    "gflops",    "tflops",    "op",     "ops",     "request", "requests", "w",
	"per",      "fold"};

static const char *const openers[] = {
	"this",      "these",        "that",     "those",     "it",           "its",
	"they",      "their",        "such",     "therefore", "thus",         "hence",
	"however",   "consequently", "moreover", "also",      "additionally", "furthermore",
	"similarly", "otherwise",    "instead",  "then",      "but",          "and"};

static const char *const lacks[] = {"lack*",         "absen*",    "missing",     "incomplete*",
                                    "insufficient*", "empty",     "unavailab*",  "limited",
                                    "impossib*",     "fail*",     "crash*",      "broken",
                                    "corrupt*",      "truncated", "inconclusive"};

static const char *const totals[] = {"any",        "all",     "every*",    "complete",
                                     "completely", "entire*", "total*",    "whole",
                                     "wholly",     "full*",   "impossib*", "anything"};

static const char *const data[] = {"data",    "dataset*", "file*",   "artifact*", "metric*",
                                   "measur*", "result*",  "log",     "logs",      "row",
                                   "rows",    "evidence", "sample*", "telemetry", "information"};

/* Not "may" and "march", which are words; as names of months they begin with a capital. */
static const char *const dates[] = {
	"january",  "february",  "april",    "june",       "july",      "august",     "september",
	"october",  "november",  "december", "monday*",    "tuesday*",  "wednesday*", "thursday*",
	"friday*",  "saturday*", "sunday*",  "yesterday*", "tomorrow*", "week*",      "month*",
	"year*",    "decade*",   "centur*",  "fortnight*", "daily",     "hourly",     "annual*",
	"recently", "lately",    "ago",      "noon",       "midnight",  "oclock"};

static const char *const certainties[] = {
	"clearly",   "obvious*",    "undoubted*",  "undeniabl*",     "definite*",    "prove",
	"proves",    "proved",      "proven",      "proof",          "guarantee*",   "confirmed",
	"confirms",  "conclusive*", "demonstrat*", "unquestionabl*", "indisputabl*", "evident",
	"evidently", "truly",       "indeed",      "surely"};

static const char *const universals[] = {
	"all",        "every",     "each",    "always",     "everywhere", "everything",
	"entire*",    "whole",     "wholly",  "across",     "throughout", "general",
	"generally",  "usual*",    "overall", "altogether", "universal*", "invariabl*",
	"only",       "alone",     "unique*", "exclusiv*",  "mainly",     "largely",
	"constantly", "regularly", "often",   "total",      "totally",    "combined",
	"cumulativ*", "aggregat*", "sum",     "sums"};

static const char *const mechanisms[] = {
	"driver*",    "kernel*",      "cache*",   "caching",    "thermal*",     "clock*",
	"scheduler*", "schedul*",     "process",  "processes",  "compiler*",    "compilation",
	"memory",     "swap*",        "paging",   "allocat*",   "fragment*",    "garbage",
	"network*",   "disk*",        "storage",  "firmware*",  "interrupt*",   "thread*",
	"lock*",      "queue*",       "batch*",   "background", "interfer*",    "compet*",
	"starv*",     "stole",        "steal*",   "evict*",     "saturat*",     "broke",
	"overhead*",  "update*",      "upgrad*",  "replac*",    "precision",    "quantiz*",
	"quantis*",   "temperature*", "power",    "hardware",   "misconfigur*", "leak*",
	"warm",       "cold",         "warmup",   "heat*",      "cooling",      "frequency",
	"workload*",  "spill*",       "offload*", "synchroni*", "latch*",       "tokeni*",
	"prefetch*",  "vram"};

static const char *const actions[] = {
	"check",       "record", "repeat",   "run",      "rerun",   "compare",  "look",
	"watch",       "verify", "confirm",  "inspect",  "measure", "test",     "try",
	"consider",    "keep",   "pin",      "collect",  "add",     "remove",   "set",
	"investigate", "review", "profile",  "monitor",  "examine", "validate", "ensure",
	"use",         "note",   "log",      "schedule", "isolate", "disable",  "enable",
	"restore",     "revert", "document", "track",    "treat"};

static const char *const averages[] = {"average*", "averaging", "mean"};
static const char *const middles[] = {"median*", "typical*"};
static const char *const quantiles[] = {"percentile*", "quantile*", "quartile*", "decile*", "tail"};
static const char *const spreads[] = {"deviation*", "variance*", "dispersion"};

static const char *const regressions[] = {"regression", "regressions"};
static const char *const improvements[] = {"improvement", "improvements"};

static const struct {
	enum word_class class;
	const char *const *words;
	size_t n;
} lists[] = {
	{WORD_NUMBER, numbers, ARRAY_LEN(numbers)},
	{WORD_DIRECTION, directions, ARRAY_LEN(directions)},
	{WORD_ECHO, echoes, ARRAY_LEN(echoes)},
	{WORD_NEGATION, negations, ARRAY_LEN(negations)},
	{WORD_EVENT, events, ARRAY_LEN(events)},
	{WORD_CAUSE, causes, ARRAY_LEN(causes)},
	{WORD_BOUND, bounds, ARRAY_LEN(bounds)},
	{WORD_UNIT, units, ARRAY_LEN(units)},
	{WORD_OPENER, openers, ARRAY_LEN(openers)},
	{WORD_REGRESSION, regressions, ARRAY_LEN(regressions)},
	{WORD_IMPROVEMENT, improvements, ARRAY_LEN(improvements)},
	{WORD_LACK, lacks, ARRAY_LEN(lacks)},
	{WORD_TOTAL, totals, ARRAY_LEN(totals)},
	{WORD_DATA, data, ARRAY_LEN(data)},
	{WORD_DATE, dates, ARRAY_LEN(dates)},
	{WORD_CERTAIN, certainties, ARRAY_LEN(certainties)},
	{WORD_UNIVERSAL, universals, ARRAY_LEN(universals)},
	{WORD_MECHANISM, mechanisms, ARRAY_LEN(mechanisms)},
	{WORD_ACTION, actions, ARRAY_LEN(actions)},
	{WORD_AVERAGE, averages, ARRAY_LEN(averages)},
	{WORD_MIDDLE, middles, ARRAY_LEN(middles)},
	{WORD_QUANTILE, quantiles, ARRAY_LEN(quantiles)},
	{WORD_SPREAD, spreads, ARRAY_LEN(spreads)},
};

bool words_have(const char *const *words, size_t n, const char *word)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

static bool matches(const char *entry, const char *word)
{
	size_t len = strlen(entry);

	if (entry[0] == '*') { /* "*x*": the stars are not part of the needle */
		const char *at = word;

		for (; *at; at++)
			if (strncmp(at, entry + 1, len - 2) == 0)
				return true;
		return false;
	}
	if (entry[0] != word[0])
		return false;
	return entry[len - 1] == '*' ? strncmp(entry, word, len - 1) == 0
	                             : strcmp(entry, word) == 0;
}

unsigned word_classes(const char *word)
{
	unsigned classes = 0;
	size_t i, j;

	for (i = 0; i < ARRAY_LEN(lists); i++)
		for (j = 0; j < lists[i].n; j++)
			if (matches(lists[i].words[j], word)) {
				classes |= lists[i].class;
				break;
			}
	return classes;
}
