from shared.plumbing import metrics


def test_four_services_in_one_process_count_apart():
    counted = {name: metrics.Metrics(name) for name in ("referral", "scheduling")}

    counted["referral"].events.labels("referral.area_named.v1", "handled").inc()

    assert b'outcome="handled"' in counted["referral"].text()
    assert b'outcome="handled"' not in counted["scheduling"].text()


def test_a_service_has_one_set_of_counters_in_a_process():
    assert metrics.of("referral") is metrics.of("referral")
    assert metrics.of("referral") is not metrics.of("reporting")


def test_no_label_could_hold_the_id_of_a_person_or_a_case():
    labels = {
        name
        for metric in vars(metrics.Metrics("referral")).values()
        for name in getattr(metric, "_labelnames", ())
    }

    allowed = {"type", "outcome", "subject", "part", "method", "route", "status", "loop", "kind"}
    assert labels == allowed
