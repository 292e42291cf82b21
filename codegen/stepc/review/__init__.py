"""What a reviewer of a spec needs: raw events beside the steps they became, the doubts, and what nothing reads."""

from stepc.review.gather import Review, Row, review

__all__ = ["Review", "Row", "review"]
