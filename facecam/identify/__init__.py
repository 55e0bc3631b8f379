"""Who a face is: gallery, index, quality gates, decision, tracks. No networks run here."""
