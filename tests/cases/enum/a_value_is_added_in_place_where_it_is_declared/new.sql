CREATE TYPE mood AS ENUM ('gloomy', 'desperate', 'sad', 'so-so', 'happy', 'ecstatic');
