//! The date libraries: how far their types reach, and the names that generated rows use. One module a library.

use postgres_types::Type;

use super::unbounded::{Calendar, Unbounded, Unit};

macro_rules! names {
    ($date:ty, $timestamp:ty, $timestamptz:ty) => {
        /// A `date`.
        pub type Date = Unbounded<$date>;
        /// A `timestamp`: no time zone is known.
        pub type Timestamp = Unbounded<$timestamp>;
        /// A `timestamptz`: a point in time.
        pub type Timestamptz = Unbounded<$timestamptz>;
    };
}

/// Dates and times as `chrono` has them.
#[cfg(feature = "chrono")]
pub mod chrono {
    use ::chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};

    use super::{Calendar, Type, Unbounded, Unit};

    names!(NaiveDate, NaiveDateTime, DateTime<Utc>);

    const EPOCH: Option<NaiveDate> = NaiveDate::from_ymd_opt(2000, 1, 1);

    impl Calendar for NaiveDate {
        const UNIT: Unit = Unit::Day;
        const TYPE: Type = Type::DATE;

        fn from_epoch(units: i64) -> Option<Self> {
            EPOCH?.checked_add_signed(TimeDelta::try_days(units)?)
        }

        fn to_epoch(&self) -> Option<i64> {
            Some(self.signed_duration_since(EPOCH?).num_days())
        }
    }

    impl Calendar for NaiveDateTime {
        const UNIT: Unit = Unit::Microsecond;
        const TYPE: Type = Type::TIMESTAMP;

        fn from_epoch(units: i64) -> Option<Self> {
            EPOCH?.and_hms_opt(0, 0, 0)?.checked_add_signed(TimeDelta::microseconds(units))
        }

        fn to_epoch(&self) -> Option<i64> {
            self.signed_duration_since(EPOCH?.and_hms_opt(0, 0, 0)?).num_microseconds()
        }
    }

    impl Calendar for DateTime<Utc> {
        const UNIT: Unit = Unit::Microsecond;
        const TYPE: Type = Type::TIMESTAMPTZ;

        fn from_epoch(units: i64) -> Option<Self> {
            NaiveDateTime::from_epoch(units).map(|value| value.and_utc())
        }

        fn to_epoch(&self) -> Option<i64> {
            self.naive_utc().to_epoch()
        }
    }
}

/// Dates and times as `jiff` has them.
#[cfg(feature = "jiff")]
pub mod jiff {
    use ::jiff::civil::{Date as CivilDate, DateTime};
    use ::jiff::{SignedDuration, Timestamp as Instant};

    use super::{Calendar, Type, Unbounded, Unit};

    names!(CivilDate, DateTime, Instant);

    const EPOCH: CivilDate = CivilDate::constant(2000, 1, 1);
    /// Microseconds from 1970-01-01 to 2000-01-01.
    const EPOCH_SINCE_1970: i64 = 946_684_800_000_000;

    impl Calendar for CivilDate {
        const UNIT: Unit = Unit::Day;
        const TYPE: Type = Type::DATE;

        fn from_epoch(units: i64) -> Option<Self> {
            EPOCH.checked_add(SignedDuration::from_secs(units.checked_mul(86_400)?)).ok()
        }

        fn to_epoch(&self) -> Option<i64> {
            Some(self.duration_since(EPOCH).as_secs() / 86_400)
        }
    }

    impl Calendar for DateTime {
        const UNIT: Unit = Unit::Microsecond;
        const TYPE: Type = Type::TIMESTAMP;

        fn from_epoch(units: i64) -> Option<Self> {
            EPOCH.to_datetime(::jiff::civil::Time::midnight()).checked_add(SignedDuration::from_micros(units)).ok()
        }

        fn to_epoch(&self) -> Option<i64> {
            let since = self.duration_since(EPOCH.to_datetime(::jiff::civil::Time::midnight()));
            i64::try_from(since.as_micros()).ok()
        }
    }

    impl Calendar for Instant {
        const UNIT: Unit = Unit::Microsecond;
        const TYPE: Type = Type::TIMESTAMPTZ;

        fn from_epoch(units: i64) -> Option<Self> {
            Self::from_microsecond(units.checked_add(EPOCH_SINCE_1970)?).ok()
        }

        fn to_epoch(&self) -> Option<i64> {
            self.as_microsecond().checked_sub(EPOCH_SINCE_1970)
        }
    }
}

/// Dates and times as `time` has them.
#[cfg(feature = "time")]
pub mod time {
    use ::time::{Date as CivilDate, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time};

    use super::{Calendar, Type, Unbounded, Unit};

    names!(CivilDate, PrimitiveDateTime, OffsetDateTime);

    fn epoch() -> Option<CivilDate> {
        CivilDate::from_calendar_date(2000, Month::January, 1).ok()
    }

    impl Calendar for CivilDate {
        const UNIT: Unit = Unit::Day;
        const TYPE: Type = Type::DATE;

        fn from_epoch(units: i64) -> Option<Self> {
            epoch()?.checked_add(Duration::days(units))
        }

        fn to_epoch(&self) -> Option<i64> {
            Some((*self - epoch()?).whole_days())
        }
    }

    impl Calendar for PrimitiveDateTime {
        const UNIT: Unit = Unit::Microsecond;
        const TYPE: Type = Type::TIMESTAMP;

        fn from_epoch(units: i64) -> Option<Self> {
            PrimitiveDateTime::new(epoch()?, Time::MIDNIGHT).checked_add(Duration::microseconds(units))
        }

        fn to_epoch(&self) -> Option<i64> {
            let since = *self - PrimitiveDateTime::new(epoch()?, Time::MIDNIGHT);
            i64::try_from(since.whole_microseconds()).ok()
        }
    }

    impl Calendar for OffsetDateTime {
        const UNIT: Unit = Unit::Microsecond;
        const TYPE: Type = Type::TIMESTAMPTZ;

        fn from_epoch(units: i64) -> Option<Self> {
            PrimitiveDateTime::from_epoch(units).map(PrimitiveDateTime::assume_utc)
        }

        fn to_epoch(&self) -> Option<i64> {
            let since = *self - PrimitiveDateTime::new(epoch()?, Time::MIDNIGHT).assume_utc();
            i64::try_from(since.whole_microseconds()).ok()
        }
    }
}
