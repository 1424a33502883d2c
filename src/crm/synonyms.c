#include "crm/synonyms.h"

enum {
    DEALS = RECOUP_TABLE_DEALS,
    HISTORY = RECOUP_TABLE_STAGE_HISTORY,
    REPS = RECOUP_TABLE_REPS,
    ACTIVITIES = RECOUP_TABLE_ACTIVITIES,
    STAGE_NAMES = RECOUP_SOURCE_STAGE_NAMES,
    ACCOUNTS = RECOUP_SOURCE_ACCOUNTS,
    NONE = RECOUP_SOURCE_NONE
};

/* Sources: object references of the Salesforce API (Opportunity, OpportunityHistory, User, Task,
 * Event, Account), HubSpot's properties of deals and its export headings, and what warehouse
 * loaders make of both. */
const recoup_synonym recoup_synonyms[] = {
    {DEALS, "deal_id", "opportunityid dealid recordid hsobjectid id", false},
    {DEALS, "rep_id",
     "ownerid hubspotownerid opportunityownerid dealowner opportunityowner owner salesrep "
     "salesagent",
     false},
    {DEALS, "amount", "amount dealamount dealvalue closevalue amountincompanycurrency", false},
    {DEALS, "created", "createddate createdate creationdate datecreated createdat engagedate",
     false},
    {DEALS, "stage", "stagename dealstage stage dealpipelinestageid", false},
    {DEALS, RECOUP_KEY_STAGE, "dealpipelinestageid dealstage stageid", false},
    {DEALS, RECOUP_KEY_ACCOUNT, "accountid", false},
    {DEALS, RECOUP_FLAG_WON, "iswon isclosedwon hsisclosedwon won", false},
    {DEALS, RECOUP_FLAG_CLOSED, "isclosed hsisclosed isdealclosed closed", false},
    {DEALS, "outcome", "outcome", false},
    {DEALS, "stage_entered",
     "laststagechangedate hsdateenteredcurrentstage dateenteredcurrentstage", false},
    {DEALS, "closed", "closedate closeddate", false},
    {DEALS, "expected_close", "expectedclosedate closedate", false},
    {DEALS, "channel", "leadsource originalsource originalsourcetype hsanalyticssource", false},
    {DEALS, "segment", "industry segment sector vertical", false},
    {DEALS, "competitor", "maincompetitors maincompetitor competitor", false},
    {DEALS, "product", "product productname", false},
    {DEALS, "list_amount", "listamount listprice", false},
    {DEALS, "next_step", "nextstep hsnextstep", false},
    {DEALS, "loss_reason", "lossreason closedlostreason lostreason", false},
    {DEALS, RECOUP_SKIP_TRUE, "isdeleted fivetrandeleted deleted archived", false},
    {DEALS, RECOUP_SKIP_FALSE, "fivetranactive", false},
    {DEALS, RECOUP_PROBABILITY, "probability dealprobability hsdealstageprobability", false},

    {HISTORY, "deal_id", "opportunityid dealid recordid id", false},
    {HISTORY, "stage", "stagename tostage dealstage value stage", false},
    {HISTORY, RECOUP_KEY_STAGE, "value", false},
    {HISTORY, "entered", "dateentered fivetranstart createddate entered lastmodified timestamp",
     false},
    {HISTORY, RECOUP_SKIP_TRUE, "isdeleted fivetrandeleted deleted", false},

    {REPS, "rep_id", "ownerid userid id", false},
    {REPS, "name", "name fullname email username", false},
    {REPS, "team", "team teamname department division primaryteamid", false},
    {REPS, "start_date", "startdate hiredate createddate createdat", false},
    {REPS, "status", "isactive active", false},
    {REPS, "quota", "quota quotaamount", false},

    {ACTIVITIES, "rep_id", "ownerid hubspotownerid assignedid activityassignedto assigned", false},
    {ACTIVITIES, "date",
     "activitydate completeddatetime hstimestamp timestamp starttime startdatetime createddate "
     "date",
     false},
    {ACTIVITIES, "type", "type activitytype tasksubtype eventsubtype engagementtype", true},
    {ACTIVITIES, "deal_id", "opportunityid dealid", false},
    {ACTIVITIES, "outcome", "calldisposition meetingoutcome outcome", false},
    {ACTIVITIES, RECOUP_SKIP_TRUE, "isdeleted fivetrandeleted deleted archived", false},

    {STAGE_NAMES, RECOUP_KEY_STAGE, "stageid", false},
    {STAGE_NAMES, "stage", "label stagelabel", false},
    {STAGE_NAMES, RECOUP_FLAG_WON, "closedwon iswon", false},
    {STAGE_NAMES, RECOUP_FLAG_CLOSED, "isclosed", false},
    {STAGE_NAMES, RECOUP_DISPLAY_ORDER, "displayorder", false},

    {ACCOUNTS, RECOUP_KEY_ACCOUNT, "accountid id", false},
    {ACCOUNTS, "segment", "industry sector segment", false},
};
const int recoup_n_synonyms = sizeof recoup_synonyms / sizeof *recoup_synonyms;

const recoup_signature recoup_signatures[] = {
    {NONE, "isconverted leadsource"}, /* leads */
    {STAGE_NAMES, "stageid label"},
    {HISTORY, "opportunityid stagename createddate opportunityhistorykey"},
    {HISTORY, "fivetranstart stagename"},
    {HISTORY, "dealid dateentered"},
    {HISTORY, "opportunityid tostage"},
    {HISTORY, "tostage fromstage"},
    {DEALS, "stagename closedate name"},
    {DEALS, "dealname dealstage"},
    {DEALS, "dealname dealpipelinestageid"},
    {DEALS, "opportunityid stage closedate"},
    {DEALS, "opportunityname stage"},
    {DEALS, "opportunityid dealstage"},
    {HISTORY, "opportunityid stagename createddate"},
    {DEALS, "stagename closedate"},
    {ACTIVITIES, "whoid activitydate"},
    {ACTIVITIES, "subject activitydate"},
    {ACTIVITIES, "engagementid"},
    {ACTIVITIES, "assigned subject"},
    {REPS, "username"},
    {REPS, "ownerid email"},
    {REPS, "userid email"},
    {REPS, "email lastname id"},
    {ACCOUNTS, "industry id"},
    {ACCOUNTS, "industry accountid"},
    {DEALS, "stage outcome amount"}, /* the canonical tables themselves */
    {HISTORY, "dealid stage entered"},
    {ACTIVITIES, "repid date type"},
    {REPS, "repid"},
};
const int recoup_n_signatures = sizeof recoup_signatures / sizeof *recoup_signatures;

const char *const recoup_usual_stages[] = {
    "prospecting",           "appointmentscheduled",  "qualification",      "qualifiedtobuy",
    "needsanalysis",         "presentationscheduled", "valueproposition",   "iddecisionmakers",
    "decisionmakerboughtin", "perceptionanalysis",    "proposalpricequote", "proposal",
    "contractsent",          "negotiationreview",     "negotiation",
};
const int recoup_n_usual_stages = sizeof recoup_usual_stages / sizeof *recoup_usual_stages;

const char *const recoup_won_words[2] = {"won", "gewonnen"};
const char *const recoup_lost_words[2] = {"lost", "verloren"};
