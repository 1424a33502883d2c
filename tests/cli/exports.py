"""A year of a team, from harness.make_history, as other systems export it: {file: CSV text}."""

import csv
import io

SALESFORCE_ENDS = {"won": "Closed Won", "lost": "Closed Lost"}


def table(heading, rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return text.getvalue()


def salesforce(deals, history, reps):
    """(heading, rows) of Opportunity, OpportunityHistory and User."""
    ends = SALESFORCE_ENDS
    rows = [[f"Deal {key}", key, rep, amount, created, ends.get(outcome, stage),
             outcome == "won", outcome != "open", closed or "2027-03-31", channel,
             closed or since, "false"]
            for key, rep, amount, created, stage, outcome, since, closed, channel, _ in deals]
    entries = [[f"H{i}", *row] for i, row in enumerate(history)]
    entries += [[f"E{deal[0]}", deal[0], ends[deal[5]], deal[7]] for deal in deals
                if deal[5] in ends]
    users = [[rep[0], rep[1].lower() + "@example.org", rep[1], "true", rep[5]] for rep in reps]
    return {
        "opportunity": (("Name", "Id", "OwnerId", "Amount", "CreatedDate", "StageName", "IsWon",
                         "IsClosed", "CloseDate", "LeadSource", "LastStageChangeDate", "IsDeleted"),
                        rows),
        "opportunity_history": (("Id", "OpportunityId", "StageName", "CreatedDate"), entries),
        "user": (("Id", "Username", "Name", "IsActive", "CreatedDate"), users),
    }


def hubspot_export(deals):
    """The export of deals from HubSpot's pages."""
    rows = [[key, f"Deal {key}",
             {"won": "Closed won", "lost": "Closed lost"}.get(outcome, stage),
             closed[:16].replace("T", " "), rep, amount, created[:16].replace("T", " "),
             "Sales Pipeline"]
            for key, rep, amount, created, stage, outcome, _, closed, _, _ in deals]
    return table(("Record ID", "Deal Name", "Deal Stage", "Close Date", "Deal owner", "Amount",
                  "Create Date", "Pipeline"), rows)
