#include "agents/people/screen.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "proto/civil.h"
#include "proto/message.h"
#include "proto/text.h"

/* Returns how many columns it took. */
static size_t
put_character(FILE *file, const char *text, uint32_t c, size_t size)
{
	if (text_steers(c))
		return (size_t)fprintf(file, "\\u{%x}", (unsigned)c);
	fwrite(text, 1, size, file);
	return 1;
}

void
screen_text(FILE *file, const char *text)
{
	size_t size;
	uint32_t c;

	for (text = text == NULL ? "-" : text; *text != '\0'; text += size) {
		c = text_next(text, &size);
		put_character(file, text, c, size);
	}
}

void
screen_block(FILE *file, const char *text, const char *indent)
{
	size_t size;
	uint32_t c;

	fputs(indent, file);
	for (; *text != '\0'; text += size) {
		c = text_next(text, &size);
		if (c == '\n')
			fprintf(file, "\n%s", text[1] == '\n' ? "" : indent);
		else if (c == '\t')
			fputs("    ", file);
		else
			put_character(file, text, c, size);
	}
	fputs("\n", file);
}

void
screen_cell(FILE *file, const char *text, size_t width)
{
	size_t size, used = 0, left = 0;
	uint32_t c;

	text = text == NULL || *text == '\0' ? "-" : text;
	for (const char *t = text; *t != '\0'; t += size) {
		c = text_next(t, &size);
		left += text_steers(c) ? 6 : 1;
	}
	for (; *text != '\0'; text += size) {
		c = text_next(text, &size);
		if (left > width && used + 2 > width) {
			fputs("\xe2\x80\xa6", file);
			used++;
			break;
		}
		used += put_character(file, text, c, size);
	}
	while (used++ <= width)
		fputc(' ', file);
}

const char *
screen_string(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text == NULL ? "" : text;
}

const char *
screen_instant(const char *iso, char text[SCREEN_INSTANT_MAX])
{
	char local[CIVIL_INSTANT_TEXT_MAX];
	int64_t instant;

	if (iso == NULL || !civil_instant_parse(iso, &instant))
		snprintf(text, SCREEN_INSTANT_MAX, "%s",
		    iso == NULL ? "" : iso);
	else {
		civil_local_text(instant, local);
		snprintf(text, SCREEN_INSTANT_MAX, "%s", local);
	}
	return text;
}

const char *
screen_last_day(const char *iso, char text[SCREEN_INSTANT_MAX])
{
	struct civil_day day;
	int64_t instant;

	if (iso == NULL || !civil_instant_parse(iso, &instant))
		return screen_instant(iso, text);
	day = civil_split(civil_date_at(instant - 1));	/* it ends at 24:00 */
	snprintf(text, SCREEN_INSTANT_MAX, "%02d-%02d-%04d", day.day,
	    day.month, day.year);
	return text;
}

/* clang-format off: the columns are the point */
static const struct {
	const char *code, *word;
} words[] = {
	/* keys of facts */
	{ "municipality", "gemeente" },
	{ "order_reference", "kenmerk beschikking" },
	{ "persons", "personen" },
	{ "role", "rol" },
	{ "secret_version", "geheimversie" },
	{ "pseudonym", "pseudoniem" },
	{ "consent", "stemt in" },
	{ "BOTH_PARENTS", "beide ouders" },
	{ "ONE_PARENT", "één ouder" },
	{ "PARENTS_AND_CHILD", "ouders en kind" },
	{ "IN_A_TALK", "in een gesprek" },
	{ "BY_TELEPHONE", "per telefoon" },
	{ "IN_WRITING", "schriftelijk" },
	{ "NOT_FOR_SAFETY", "niet vanwege de veiligheid" },
	{ "NOT_FOR_CRISIS", "niet vanwege de crisis" },
	{ "NOT_REACHED_YET", "nog niet bereikt" },
	{ "NOT_WANTED_BY_CHILD", "het kind wil het niet" },
	{ "authority", "gezag" },
	{ "authority_ground", "gezag op grond van" },
	{ "household", "huishouden" },
	{ "secret_address", "geheim adres" },
	{ "purposes", "voor" },
	{ "state", "toestemming" },
	{ "verdict", "besluit" },
	{ "HAS_AUTHORITY", "heeft gezag" },
	{ "NO_AUTHORITY", "geen gezag" },
	{ "SHARED_AUTHORITY", "gezamenlijk gezag" },
	{ "AUTHORITY_UNKNOWN", "gezag niet bekend" },
	{ "BY_LAW", "van rechtswege" },
	{ "BY_REGISTER", "gezagsregister" },
	{ "BY_RULING", "beschikking" },
	{ "BY_GUARDIANSHIP", "voogdij" },
	{ "CONSENT_ROUTE", "uniform hulpaanbod" },
	{ "CONSENT_PROVIDER", "delen met de aanbieder" },
	{ "CONSENT_COURT_REPORT", "delen met de rechtbank" },
	{ "CONSENT_ANALYSIS", "verklarende analyse" },
	{ "CONSENT_PLAN", "gezinsplan" },
	{ "CONSENT_CONSULT", "meedenken door anderen" },
	{ "CONSENT_EXPERTS", "expertteams" },
	{ "CONSENT_GIVEN", "gegeven" },
	{ "CONSENT_REFUSED", "geweigerd" },
	{ "CONSENT_WITHDRAWN", "ingetrokken" },
	{ "CONSENT_NOT_NEEDED", "niet nodig" },
	{ "PROTECTION_MEASURE", "kinderbeschermingsmaatregel" },
	{ "ACUTE_SAFETY", "acute veiligheid" },
	{ "SUBSTITUTE_CONSENT", "vervangende toestemming" },
	{ "LEGAL_DUTY", "wettelijke plicht" },
	{ "HELP_IS_STOPPED", "hulp stopt" },
	{ "HELP_ON_OTHER_GROUND", "hulp op andere grond" },
	{ "CONSENT_RENEWED", "opnieuw toegestemd" },
	{ "HELP_IS_CHANGED", "hulp verandert" },
	{ "PARENT_WITH_AUTHORITY", "ouder met gezag" },
	{ "PARENT_ON_REQUEST", "ouder zonder gezag, op verzoek" },
	{ "theme", "thema" },
	{ "goals", "doelen" },
	{ "number", "nummer" },
	{ "setter", "gesteld door" },
	{ "due_date", "uiterlijk" },
	{ "status", "stand" },
	{ "hearing_date", "zitting" },
	{ "ground", "grond" },
	{ "domains", "leefgebieden" },
	{ "domain", "leefgebied" },
	{ "answer", "antwoord" },
	{ "owner", "bij" },
	{ "risk_of_worsening", "kans op verergering" },
	{ "support", "steun nodig bij" },
	{ "authors", "opstellers" },
	{ "hypotheses", "hypothesen" },
	{ "main", "route" },
	{ "side", "daarnaast" },
	{ "local_insufficient", "lokaal niet genoeg" },
	{ "agreed", "stemden in" },
	{ "waiver", "niet ieder stemde in" },
	{ "offering", "aanbod" },
	{ "wanted_date", "gewenst" },
	{ "intake_date", "intake" },
	{ "reason", "reden" },
	{ "expected_date", "verwacht" },
	{ "bridge_help", "overbruggingshulp" },
	{ "advice", "advies" },
	{ "handed_to_network", "overgedragen aan netwerk" },
	{ "local_insufficient_reason", "reden niet lokaal" },
	{ "consideration", "afweging" },
	{ "needed", "nodig bij" },
	{ "problems", "probleem bij" },
	{ "systemic", "hele systeem" },
	{ "moment", "moment" },
	{ "adult_help", "hulp volwassenen" },
	{ "wlz_checked", "Wlz bekeken" },
	{ "principles", "uitgangspunten" },
	{ "joins", "hoort bij plan van" },
	{ "follows", "neemt over van" },
	{ "records", "berichten" },
	{ "withheld", "niet gegeven" },
	{ "participant", "deelnemer" },
	{ "tailor_made", "maatwerk" },
	{ "informal", "informele hulp" },
	{ "good_enough", "zegt wanneer het goed genoeg is" },
	{ "helps", "helpt" },
	{ "underlying", "komt door" },
	{ "help_may_go_on", "hulp mag doorgaan" },
	{ "alternatives", "alternatieven" },
	{ "safety_view", "blik op veiligheid" },
	{ "skipped", "dichterbij overgeslagen" },
	{ "contribution", "bijdrage" },
	{ "bridge", "overbrugging door" },
	{ "unplanned_move", "ongeplande verplaatsing" },
	{ "referrer", "verwijzer" },
	{ "wanted", "gewenst" },
	{ "verdict", "besluit" },
	{ "until_date", "antwoord uiterlijk" },
	{ "requested_date", "gevraagd op" },
	{ "granted", "ingewilligd" },
	{ "refusal", "geweigerd wegens" },
	{ "statute", "wetsartikel" },
	{ "said", "verklaring" },
	{ "from", "vanaf" },
	{ "count", "aantal" },
	{ "dossier", "dossiernummer" },
	{ "left", "weg" },
	{ "director", "regievoerder" },
	{ "accepted", "aanvaard" },
	{ "tailor_made_plan", "maatwerkplan" },
	{ "closed_placement", "gesloten plaatsing" },
	{ "follow_up_failed", "vervolg mislukt" },
	{ "themes", "thema's" },
	{ "teller", "verteld door" },
	{ "score", "cijfer" },
	{ "removed", "teruggenomen" },
	{ "right_date", "juiste datum" },
	{ "right_reason", "juiste reden" },
	{ "former", "eerder pseudoniem" },
	{ "person", "persoon" },
	{ "place", "plek" },
	{ "crisis", "crisis" },
	{ "over", "voorbij" },
	{ "date", "datum" },
	{ "reached", "bereikt" },
	{ "parties", "aantal partijen" },
	{ "parents", "met ouders" },
	{ "section", "onderdeel" },
	{ "found_characters", "tekens gevonden" },
	/* sections */
	{ "PERSONALIA", "Personalia" },
	{ "QUESTION", "Vraag" },
	{ "SITUATION", "Situatie" },
	{ "GOALS", "Doelen" },
	{ "WHAT_WAS_DONE", "Wat er is gedaan" },
	{ "FAMILY_VIEW", "Hoe het gezin het ziet" },
	{ "CHILD_VIEW", "Hoe het kind het ziet" },
	{ "ADVICE", "Advies" },
	{ "EXPLANATION", "Toelichting" },
	/* codes */
	{ "SAFETY", "veiligheid" },
	{ "PARENTING", "opvoeden" },
	{ "DEVELOPMENT", "ontwikkeling" },
	{ "PHYSICAL_HEALTH", "lichamelijke gezondheid" },
	{ "MENTAL_HEALTH", "psychische gezondheid" },
	{ "PARENT_DISABILITY", "beperking van een ouder" },
	{ "SEPARATION_CONFLICT", "strijd na scheiding" },
	{ "INCOME_DEBT", "inkomen en schulden" },
	{ "HOUSING", "wonen" },
	{ "WORK_DAYTIME", "werk en dagbesteding" },
	{ "SCHOOL_DOMAIN", "school" },
	{ "LIFESTYLE", "leefstijl" },
	{ "CARER_OVERLOAD", "overbelaste verzorger" },
	{ "NETWORK", "netwerk" },
	{ "YES", "ja" },
	{ "NO", "nee" },
	{ "NOT_KNOWN", "niet bekend" },
	{ "OWNER_CHILD", "kind" },
	{ "OWNER_PARENT", "ouder" },
	{ "OWNER_RELATION", "relatie" },
	{ "OWNER_SURROUNDINGS", "omgeving" },
	{ "HELP_REQUEST", "hulpvraag" },
	{ "SAFETY_GROUND", "veiligheid" },
	{ "COURT_ORDER_GROUND", "beschikking" },
	{ "SEPARATION", "scheiding" },
	{ "OTHER_THEME", "ander thema" },
	{ "LOCAL_BASE", "sociale basis" },
	{ "WMO", "Wmo" },
	{ "MEDIATOR", "mediator" },
	{ "SELF_FUNDED", "zelf betaald" },
	{ "ADULT_CARE", "volwassenenzorg" },
	{ "YOUTH_AMBULANT", "jeugdhulp ambulant" },
	{ "YOUTH_SPECIALIST", "jeugdhulp specialistisch" },
	{ "YOUTH_RESIDENTIAL", "jeugdhulp met verblijf" },
	{ "COMPULSORY", "gedwongen kader" },
	{ "WLZ", "Wlz" },
	{ "NO_ACTION", "geen actie" },
	{ "SET_BY_COURT", "rechtbank" },
	{ "SET_BY_ACCESS", "lokale toegang" },
	{ "NOT_STARTED", "nog niet begonnen" },
	{ "ON_TRACK", "op koers" },
	{ "BEHIND", "loopt achter" },
	{ "REACHED", "behaald" },
	{ "PARTLY_REACHED", "deels behaald" },
	{ "NOT_REACHED", "niet behaald" },
	{ "CAPACITY", "geen plaats" },
	{ "NO_MATCH", "past niet" },
	{ "OUTSIDE_CONTRACT", "buiten contract" },
	{ "BELONGS_ELSEWHERE", "hoort elders" },
	{ "DECLINE_SAFETY", "veiligheid" },
	{ "STACKING", "stapeling" },
	{ "AGE_LIMIT", "leeftijd" },
	{ "DECLINE_OTHER", "anders" },
	{ "ADVISE_CONTINUE", "doorgaan" },
	{ "ADVISE_CHANGE", "bijstellen" },
	{ "ADVISE_STOP", "stoppen" },
	{ "ADVISE_OTHER_OFFERING", "ander aanbod" },
	{ "AS_PLANNED", "volgens plan" },
	{ "GOOD_ENOUGH", "goed genoeg" },
	{ "EARLY_BY_CLIENT", "voortijdig, door gezin" },
	{ "EARLY_BY_PROVIDER", "voortijdig, door aanbieder" },
	{ "EARLY_IN_AGREEMENT", "voortijdig, in overleg" },
	{ "EXTERNAL", "van buiten" },
	{ "BY_MUNICIPALITY", "door gemeente" },
	{ "OTHER_PROVIDER", "naar andere aanbieder" },
	{ "OTHER_DOMAIN", "naar ander domein" },
	{ "DEATH", "overlijden" },
	{ "CHILD", "kind" },
	{ "PARENT", "ouder" },
	{ "PLAN_PARENTS", "ouders" },
	{ "PLAN_CHILD", "kind" },
	{ "PLAN_ACCESS", "lokale toegang" },
	{ "PLAN_PROVIDER", "aanbieder" },
	{ "PLAN_NETWORK", "netwerk" },
	{ "PLAN_SCHOOL", "school" },
	{ "PLAN_SOCIAL_BASE", "sociale basis" },
	{ "LIGHT", "licht" },
	{ "AMBULANT", "ambulant" },
	{ "SPECIALIST", "specialistisch" },
	{ "RESIDENTIAL", "met verblijf" },
	{ "COMPULSORY_LEVEL", "gedwongen" },
	{ "LOCAL", "lokaal" },
	{ "REGIONAL", "regionaal" },
	{ "SUPRAREGIONAL", "bovenregionaal" },
	{ "PROVINCIAL", "provinciaal" },
	{ "NATIONAL", "landelijk" },
	{ "GP_YOUTH_WORKER", "POH jeugd" },
	{ "EDUCATION_CARE", "onderwijs-zorg" },
	{ "YOUTH_HEALTH", "jeugdgezondheidszorg" },
	{ "MULTI_PROBLEM_TEAM", "multiprobleemteam" },
	{ "OWN_MENTOR", "JIM" },
	{ "LIVED_EXPERIENCE", "ervaringsdeskundige" },
	{ "EARLY_HELP", "vroeghulp" },
	{ "SEPARATION_TABLE", "scheidingstafel" },
	{ "PROTECTION_TABLE", "beschermingstafel" },
	{ "YOUTH_WORK", "jongerenwerk" },
	/* answers of the catalogue */
	{ "AT_OR_NEAR_HOME", "dicht bij huis" },
	{ "LOCAL_OFFER", "lokaal georganiseerd" },
	{ "AREA_CONTACT", "vast contact in het gebied" },
	{ "CORE_PARTNER", "kernpartner" },
	{ "COMBINES", "sluit aan bij wat loopt" },
	{ "PLACES_FREE", "plaats vrij" },
	{ "CAPACITY_UNKNOWN", "plaatsen onbekend" },
	{ "PILOT_OFFER", "proef" },
	{ "SOCIAL_BASE_OFFER", "sociale basis" },
	{ "ASK_FOR_COUNSEL", "vraag eerst om advies" },
	{ "ON_DOMAIN", "op dit leefgebied" },
	{ "ON_THEME", "op dit thema" },
	{ "FARTHER_THAN_WANTED", "verder van huis dan gewenst" },
	{ "WRONG_LEVEL", "andere zwaarte" },
	{ "WRONG_DOMAIN", "ander leefgebied" },
	{ "WRONG_THEME", "ander thema" },
	{ "AGE_OUTSIDE", "leeftijd" },
	{ "OTHER_AREA", "niet voor deze gemeente" },
	{ "NO_CAPACITY", "geen plaats vrij" },
	{ "NOT_QUALIFIED", "aanbieder niet gekwalificeerd" },
	{ "PROVIDER_SUSPENDED", "aanbieder geschorst" },
	{ "QUALIFICATION_EXPIRED", "kwalificatie verlopen" },
	{ "PLACE_REFUSED", "plek niet gewenst" },
	{ "DOES_NOT_COMBINE", "sluit niet aan bij wat loopt" },
	{ "PILOT_NOT_WANTED", "proef niet gewenst" },
	{ "NOT_IN_VALIDITY", "nog niet of niet meer geldig" },
	{ "NO_WEEKEND", "niet in het weekend" },
	{ "RUNS_ALREADY", "loopt al" },
	{ "NOTHING_FOUND", "niets gevonden" },
	{ "NO_PLACE_FREE", "nergens plaats" },
	{ "ONLY_UNWANTED", "alleen wat niet gewenst is" },
	{ "REVIEW", "kijk samen terug en vooruit" },
	{ "NEXT_PARTNER", "volgende kernpartner" },
	{ "REVIEW_DUE", "evaluatie van de hulp" },
	{ "CLIENT_DOES_NOT_SHOW", "cliënt verschijnt niet" },
	{ "HOME", "thuis" },
	{ "SCHOOL_PLACE", "op school" },
	{ "AREA_PLACE", "in de buurt" },
	{ "PROVIDER_SITE", "bij de aanbieder" },
	{ "FOSTER", "pleeggezin" },
	{ "FAMILY_HOME", "gezinshuis" },
	{ "FACILITY", "instelling" },
	{ "CLOSED_PLACE", "gesloten jeugdhulp" },
	{ "NOT_OFFERED_LOCALLY", "lokaal niet aangeboden" },
	{ "TRIED_LOCALLY", "lokaal geprobeerd" },
	{ "NEEDS_SPECIALISM", "vraagt een specialisme" },
	{ "NEEDS_SAFETY", "vraagt veiligheid" },
	{ "NO_LOCAL_CAPACITY", "lokaal geen plek" },
	{ "URGENT", "spoed" },
	{ "TAILOR_MADE", "maatwerk" },
	{ "FAMILY_WISH", "wens van het gezin" },
	{ "PROFESSIONAL_JUDGEMENT", "oordeel van de professional" },
	{ "KNOWN_ELSEWHERE", "al elders bekend" },
	{ "ALTERNATIVE_OFFERING", "ander aanbod" },
	{ "OTHER_PROVIDER_FOUND", "andere aanbieder gevonden" },
	{ "THINKS_ALONG", "denkt mee" },
	{ "BRIDGES_MEANWHILE", "overbrugt intussen" },
	{ "BRIDGE_SOCIAL_BASE", "sociale basis" },
	{ "BRIDGE_LOCAL_TEAM", "lokaal team" },
	{ "BRIDGE_BY_PROVIDER", "de aanbieder zelf" },
	{ "BRIDGE_BY_NETWORK", "eigen netwerk" },
	{ "DANGER_AT_HOME", "gevaar thuis" },
	{ "DANGER_OF_SELF_HARM", "gevaar voor zichzelf" },
	{ "HELP_BROKE_DOWN", "hulp viel weg" },
	{ "CHILD_MISSING", "kind vermist" },
	{ "OTHER_CRISIS", "andere crisis" },
	{ "ALL_DECLINED", "iedereen wees af" },
	{ "NOTHING_FITS", "niets past" },
	{ "WAITS_TOO_LONG", "wacht te lang" },
	{ "REPEATED_FAILURE", "hulp mislukte vaker" },
	{ "REPEATED_MOVES", "vaker overgeplaatst" },
	{ "MORE_HELP", "meer hulp" },
	{ "LESS_HELP", "minder hulp" },
	{ "LONGER", "langer" },
	{ "OTHER_HELP", "andere hulp" },
	{ "OTHER_PROVIDER_WANTED", "andere aanbieder" },
	{ "CHANGE_GRANTED", "toegekend" },
	{ "CHANGE_REFUSED", "afgewezen" },
	{ "CHANGE_INVESTIGATED", "in onderzoek" },
	{ "BY_COURT", "rechter" },
	{ "BY_GP", "huisarts" },
	{ "BY_YOUTH_DOCTOR", "jeugdarts" },
	{ "BY_GI", "gecertificeerde instelling" },
	{ "BY_SPECIALIST", "medisch specialist" },
	{ "LESSON_COOPERATION", "samenwerking" },
	{ "LESSON_CAPACITY", "capaciteit" },
	{ "LESSON_EARLIER_ANALYSIS", "eerder analyseren" },
	{ "LESSON_DIRECTION", "regie" },
	{ "LESSON_TAILOR_MADE", "maatwerk" },
	{ "LESSON_FINANCE", "financiering" },
	{ "CHOSEN_MENTOR", "JIM" },
	{ "VOLUNTEER", "vrijwilliger" },
	{ "EXPERIENCE_EXPERT", "ervaringsdeskundige" },
	{ "RELATIVE", "familie" },
	{ "OWNED_BY_PARENTS", "ouders" },
	{ "OWNED_BY_CHILD", "kind" },
	{ "OWNED_BY_NETWORK", "netwerk" },
	{ "OWNED_BY_SOCIAL_BASE", "sociale basis" },
	{ "OWNED_BY_PROVIDER", "aanbieder" },
	{ "OWNED_BY_MUNICIPALITY", "gemeente" },
	{ "TOLD_BY_CHILD", "jeugdige" },
	{ "TOLD_BY_PARENT", "ouder" },
	{ "TOLD_BY_PROFESSIONAL", "professional" },
	{ "TOLD_BY_NETWORK", "netwerk" },
	{ "VULNERABLE_FIRST", "kwetsbaarste gezinnen eerst" },
	{ "NORMALISE", "normaliseren" },
	{ "MATCHED_CARE", "matched care" },
	{ "AREA_BASED", "gebiedsgericht" },
	{ "AS_HOME_AS_POSSIBLE", "zo thuis mogelijk" },
	{ "LEARNING", "lerend systeem" },
	/* notices and states */
	{ "DEADLINE_WARNING", "termijn nadert" },
	{ "DEADLINE_BREACH", "termijn verstreken" },
	{ "UNDELIVERABLE", "niet opgehaald" },
	{ "OFFER_EXPIRED", "aanbod verlopen" },
	{ "RELOOK", "kijk opnieuw naar wie wacht" },
	{ "PROPOSE_RET", "voorstel: schakel het expertteam in" },
	{ "PARALLEL_HELP", "een ander helpt dit kind al" },
	{ "HELP_HOPS", "eerdere hulp aan dit kind mislukte pas" },
	{ "MUNICIPALITY_MERGED", "de gemeente is opgegaan in een andere" },
	{ "DESTRUCTION_REQUESTED", "verzoek om vernietiging" },
	{ "RIGHT_TO_ERASURE", "recht op gegevenswissing" },
	{ "RETENTION_ENDED", "einde van de bewaartermijn" },
	{ "ENTERED_IN_ERROR", "ten onrechte ingevoerd" },
	{ "INTEREST_OF_ANOTHER", "aanmerkelijk belang van een ander" },
	{ "NAMED_STATUTE", "een wet verbiedt het" },
	{ "COPY_ERASED", "afschrift gewist" },
	{ "SUPERVISION", "toezicht" },
	{ "PERIODIC_AUDIT", "periodieke controle" },
	{ "COMPLAINT", "klacht" },
	{ "DATA_SUBJECT", "inzage van een betrokkene" },
	{ "INCIDENT", "incident" },
	{ "OWN_DOSSIER_KEPT", "eigen dossier blijft bewaard" },
	{ "ERASE", "de zaak is gewist" },
	{ "SETTLED", "een bericht van voor het herstel is afgehandeld" },
	{ "SAY_IT_AGAIN", "verstuur het opnieuw" },
	{ "ARRANGED", "het is anders geregeld" },
	{ "NOT_NEEDED", "het is achterhaald" },
	{ "ORDER_START", "start van hulp na beschikking" },
	{ "TRIAGE_DUE", "brede uitvraag" },
	{ "ANSWER_DUE", "antwoord op verwijzing" },
	{ "RECEIPT_DUE", "ontvangstbevestiging" },
	{ "HEARING_REPORT_DUE", "zittingsrapport" },
	{ "COURT_REPORT_DUE", "rapport aan de rechtbank" },
	{ "DELIVERY_DUE", "ophalen" },
	{ "ANALYSIS_DUE", "uitgestelde analyse" },
	{ "CRISIS_ANSWER_DUE", "bevestiging van crisismelding" },
	{ "CRISIS_OWNER_DUE", "crisis oppakken" },
	{ "CRISIS_REVIEW_DUE", "terugblik op crisis" },
	{ "RELOOK_DUE", "herbeoordeling van wachtende" },
	{ "STUCK_DUE", "vastgelopen zaak" },
	{ "RET_ADVICE_DUE", "advies van het expertteam" },
	{ "BOEG_ADVICE_DUE", "advies van het expertisenetwerk" },
	{ "TRANSFER_DUE", "overname door andere gemeente" },
	{ "DIRECTOR_DUE", "aanvaarding van de regie" },
	{ "CHANGE_ANSWER_DUE", "antwoord op wijzigingsverzoek" },
	{ "ERASURE_ANSWER_DUE", "antwoord op wisverzoek" },
	{ "RETENTION_DUE", "einde van het bewaren" },
	{ "CONSULT_DUE", "antwoord op consultatie" },
	{ "INVOLVEMENT_DUE", "melding van betrokkenheid" },
	{ "ASSIGNMENT_DUE", "antwoord op verzoek om toewijzing" },
	{ "FAMILY_WARNING", "samenloop van hulp in het gezin" },
	{ "INFORMATION_DUE", "antwoord op vraag om informatie" },
	{ "BIRTH_DUE", "geboorte van het verwachte kind" },
	{ "expected_birth_date", "verwacht" },
	{ "birth_date", "geboren" },
	{ "CONSENT_DUE", "antwoord op intrekking van toestemming" },
	{ "CRISIS", "CRISIS" },
	{ "BREACHED", "TE LAAT" },
	{ "DUE_SOON", "bijna te laat" },
	{ "NEW", "nieuw" },
	{ "RUNS", "loopt" },
	{ "ASSIGNED_BY_HAND", "toegewezen" },
	{ "HANDED_OVER", "overgedragen" },
	{ "OUT_OF_HOURS", "buiten kantooruren" },
	{ "OF_NEW_WORK", "nieuw werk" },
	{ "OF_DEADLINE", "een termijn" },
	{ "OF_CRISIS", "een crisis" },
	{ "BY_PROGRAM", "programma" },
	{ "BY_MAIL", "e-mail" },
	{ "responsible", "doet de zaak" },
	{ "cause", "hoe" },
	{ "attempts", "pogingen" },
	{ "channel", "langs" },
	{ "failed", "mislukt" },
	{ "QUEUED", "onderweg" },
	{ "SENT", "verzonden" },
	{ "RECEIPTED", "bevestigd" },
	{ "REFUSED", "geweigerd" },
};
/* clang-format on */

const char *
screen_word(const char *code)
{
	const struct kind_info *info = kind_by_name(code);
	Sk__Role role;

	if (info != NULL)
		return info->dutch;
	if (role_by_name(code, &role))
		return role_dutch(role);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].code, code) == 0)
			return words[i].word;
	return code;
}
